//! Time for checks that go through sockets.

use std::sync::mpsc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// Far less than any timeout of the checks.
const STEP: Duration = Duration::from_millis(1);

/// Until it is dropped, a paused clock goes on by itself, as fast as there is nothing else to do.
///
/// Left alone, it would jump to the next timeout whenever everybody waits for a socket.
pub(crate) struct Passing {
    passing: AbortHandle,
    _holding: mpsc::Sender<()>,
}

impl Passing {
    pub(crate) fn start() -> Self {
        // The clock does not jump while there is a blocking task.
        let (holding, held) = mpsc::channel();
        tokio::task::spawn_blocking(move || held.recv());
        Self { passing: tokio::spawn(pass()).abort_handle(), _holding: holding }
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.passing.abort();
    }
}

/// A step of time goes by whenever a byte has gone through a socket: what others sent before it has arrived by then.
async fn pass() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    near.set_nodelay(true).unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    loop {
        near.write_u8(0).await.unwrap();
        far.read_u8().await.unwrap();
        tokio::time::advance(STEP).await;
    }
}

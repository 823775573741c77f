//! AWS's STS in this process, on a port of its own.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::server::FOR_EVER;

/// What becomes of a question.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// Keys whose number is that of the question, from 1.
    Keys,
    /// The same after a while.
    Late(Duration),
    /// This status and body.
    Other(u16, String),
    /// The connection breaks.
    Broken,
    /// Nothing comes.
    Never,
}

impl Answer {
    /// An error as STS writes it.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    \
             <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  <RequestId>1</RequestId>\n</ErrorResponse>"
        );
        Self::Other(status, body)
    }
}

/// A question.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) head: String,
    pub(super) form: String,
}

#[derive(Default)]
pub(super) struct State {
    /// For the next questions, one each; keys when there are none.
    pub(super) answers: VecDeque<Answer>,
    pub(super) asked: Vec<Question>,
}

/// The service. It ends when it is dropped.
pub(super) struct Sts {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Sts {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { drop(serve(stream, &shared).await) });
            }
        });
        Self { url, state, task }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state().answers = answers.into_iter().collect();
    }

    /// How many questions came.
    pub(super) fn asked(&self) -> usize {
        self.state().asked.len()
    }
}

impl Drop for Sts {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let length = head.to_ascii_lowercase();
    let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut form = vec![0; length];
    stream.read_exact(&mut form).await?;
    let (answer, number) = {
        let mut state = state.lock().unwrap();
        state.asked.push(Question { head, form: String::from_utf8_lossy(&form).into_owned() });
        (state.answers.pop_front().unwrap_or(Answer::Keys), state.asked.len())
    };
    let (status, body) = match answer {
        Answer::Keys => (200, keys(number)),
        Answer::Late(time) => {
            tokio::time::sleep(time).await;
            (200, keys(number))
        }
        Answer::Other(status, body) => (status, body),
        Answer::Broken => return stream.get_ref().set_zero_linger(),
        Answer::Never => {
            tokio::time::sleep(FOR_EVER).await;
            return Ok(());
        }
    };
    let answer =
        format!("HTTP/1.1 {status} X\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await?;
    stream.flush().await
}

/// They end as late as was asked for, as the clock of the world is no matter of tests.
pub(super) fn keys(number: usize) -> String {
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleResult>\n    <Credentials>\n      \
         <AccessKeyId>ASIA{number}</AccessKeyId>\n      <SecretAccessKey>secret-{number}</SecretAccessKey>\n      \
         <SessionToken>token-{number}</SessionToken>\n      <Expiration>2999-01-01T00:00:00Z</Expiration>\n    \
         </Credentials>\n  </AssumeRoleResult>\n</AssumeRoleResponse>"
    )
}

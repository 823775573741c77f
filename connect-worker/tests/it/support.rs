//! A directory with files, and the binary run in it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpSocket;

/// Far longer than anything takes; a hung binary must not hang the tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct Place {
    directory: TempDir,
}

/// How a run of the binary went.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What a worker file has to have; a free port, as several workers run at a time; and time to stop in order, however slow
/// the machine is.
pub(crate) const CONVERTERS: &str = "key.converter=org.apache.kafka.connect.storage.StringConverter\n\
                                     value.converter=org.apache.kafka.connect.storage.StringConverter\n\
                                     listeners=http://127.0.0.1:0\n\
                                     task.shutdown.graceful.timeout.ms=300000\n\
                                     offset.flush.timeout.ms=300000\n";

/// Waits until it is so; else fails with what it is instead.
#[track_caller]
pub(crate) fn until(mut so: impl FnMut() -> Result<(), String>) {
    const PAUSE: Duration = Duration::from_millis(5);
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        if so().is_ok() {
            return;
        }
        std::thread::sleep(PAUSE);
    }
    assert_eq!(so(), Ok(()));
}

/// An address at which nobody listens, nor can begin to as long as the socket is there.
pub(crate) fn nobody() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    (socket, address)
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    /// With a worker, and a source and a sink that copy `in.txt` to `out.txt`.
    pub(crate) fn with_copy() -> Self {
        let place = Self::new();
        place.write("worker.properties", format!("{CONVERTERS}broker.dir=data\noffset.flush.interval.ms=50\n"));
        place.write("source.properties", "name=from\nconnector.class=FileStreamSource\nfile=in.txt\ntopic=lines\n");
        place.write(
            "sink.json",
            r#"{"name":"to","connector.class":"FileStreamSink","file":"out.txt","topics":"lines"}"#,
        );
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("a file is written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file is read")
    }

    /// Fails where `out.txt` begins to differ; whole files would be too long a message.
    #[track_caller]
    pub(crate) fn expect_copied(&self, expect: &str) {
        let copied = self.read("out.txt");
        let differs = copied.lines().zip(expect.lines()).enumerate().find(|(_, (copied, expect))| copied != expect);
        assert_eq!(differs, None, "copied {} of {} bytes", copied.len(), expect.len());
        assert_eq!(copied.len(), expect.len());
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = connect(self.directory.path());
        command.args(arguments.split_whitespace());
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &str) -> Ended {
        let output = self.command(arguments).output().expect("the binary runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Ended { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    pub(crate) fn spawn(&self, arguments: &str) -> Running {
        Running::new(self.command(arguments), Stdio::null())
    }

    /// With its standard output.
    pub(crate) fn spawn_told(&self, arguments: &str) -> (Running, ChildStdout) {
        let mut running = Running::new(self.command(arguments), Stdio::piped());
        let stdout = running.child.stdout.take().expect("standard output is piped");
        (running, stdout)
    }
}

fn connect(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connect"));
    command.current_dir(directory).stdin(Stdio::null()).env_remove("CONNECT_LOG");
    command
}

impl Ended {
    /// Fails unless it ended so, and said all of this on standard error.
    #[track_caller]
    pub(crate) fn expect(self, status: i32, said: &[&str]) -> Self {
        assert_eq!(self.status, Some(status), "{}", self.stderr);
        for part in said {
            assert!(self.stderr.contains(part), "{part:?} is not in\n{}", self.stderr);
        }
        self
    }
}

/// The binary while it runs.
pub(crate) struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    seen: String,
}

impl Running {
    fn new(mut command: Command, stdout: Stdio) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(stdout).spawn().expect("the binary starts");
        let stderr = child.stderr.take().expect("standard error is piped");
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // Who does not listen does not care.
                let _ = sender.send(line);
            }
        });
        Self { child, lines, seen: String::new() }
    }

    /// Waits until standard error has a line with this text, which is then the answer; it may have had it before.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        if let Some(line) = self.seen.lines().find(|line| line.contains(text)) {
            return line.to_owned();
        }
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("it ended without {text:?}:\n{}", self.seen));
            self.note(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Lets this time pass, or less when it logs meanwhile; fails when it ends by itself.
    pub(crate) fn go_on_for(&mut self, time: Duration) {
        match self.lines.recv_timeout(time) {
            Ok(line) => self.note(&line),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => panic!("it ended by itself:\n{}", self.seen),
        }
    }

    fn note(&mut self, line: &str) {
        self.seen.push_str(line);
        self.seen.push('\n');
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("sh runs").success());
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ended");
    }

    /// Waits until it ended.
    pub(crate) fn end(mut self) -> Ended {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.note(&line);
        }
        let status = self.child.wait().expect("it ended").code();
        Ended { status, stdout: String::new(), stderr: std::mem::take(&mut self.seen) }
    }
}

impl Drop for Running {
    /// A test that fails leaves nobody behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

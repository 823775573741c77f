//! A database that can be killed.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::support::PATIENCE;

/// A server of `dev/services`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// `postgres` or `mariadb`.
    pub(crate) kind: &'static str,
}

static POSTGRES: Mutex<()> = Mutex::new(());
static MARIADB: Mutex<()> = Mutex::new(());

impl Node {
    /// Nobody else kills the server as long as the guard is there.
    pub(crate) fn alone(self) -> MutexGuard<'static, ()> {
        let lock = if self.kind == "postgres" { &POSTGRES } else { &MARIADB };
        lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn script(self, arguments: &[&str]) -> Command {
        let name = format!("{}_NODE", self.kind.to_uppercase());
        assert!(std::env::var(&name).is_ok(), "{name} must name the server, which is killed and started again");
        let mut command = Command::new(format!("{}/../dev/services/{}", env!("CARGO_MANIFEST_DIR"), self.kind));
        command.args(arguments);
        command
    }

    /// What the server's script answers to a command.
    pub(crate) fn run(self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.script(arguments).output().expect("the script runs");
        assert!(status.success(), "{} {arguments:?}: {}", self.kind, String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).expect("text")
    }

    /// Ends it with SIGKILL, and starts it again.
    pub(crate) fn strike(self) {
        self.run(&["kill"]);
        // Processes of the old server may still hold what the new one needs.
        for _ in 0..PATIENCE.as_secs() {
            if self.script(&["start"]).output().expect("the script runs").status.success() {
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        panic!("{} does not start again", self.kind);
    }

    /// One value for each row of a query.
    pub(crate) fn values(self, sql: &str) -> Vec<u64> {
        let client = if self.kind == "postgres" { ["-qAt", "-c"] } else { ["-NB", "-e"] };
        let answer = self.run(&["sql", client[0], client[1], sql]);
        answer.lines().map(|line| line.parse().expect("a number")).collect()
    }

    /// Runs statements until one fails, as all do while the server is away.
    pub(crate) fn attempt(self, sql: &str) {
        let stop: &[&str] = if self.kind == "postgres" { &["-q", "-v", "ON_ERROR_STOP=1"] } else { &[] };
        let mut command = self.script(&[&["sql"], stop].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the script runs");
        // Whoever has failed reads no further.
        let _ = child.stdin.take().expect("a pipe").write_all(sql.as_bytes());
        child.wait().expect("it ended");
    }

    /// The lines of a connector's file that lead to its database `killed`.
    pub(crate) fn keys(self) -> String {
        let lines = self.run(&["env"]);
        let of = |name: &str| {
            let line = lines.lines().find_map(|line| line.split_once(&format!("_{name}=")));
            line.unwrap_or_else(|| panic!("{name} is not in {lines}")).1.to_owned()
        };
        let (scheme, database) = if self.kind == "postgres" { ("postgresql", "postgres") } else { ("mysql", "killed") };
        format!(
            "connection.url=jdbc:{scheme}://{}/{database}\nconnection.user={}\nconnection.password={}\n",
            of("ADDRESS"),
            of("USER"),
            of("PASSWORD")
        )
    }
}

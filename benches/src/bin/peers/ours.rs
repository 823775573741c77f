//! Our workers: the `connect` binary, which takes its connectors when it starts, and `peer-worker`, which is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use benches::since_boot;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::time::timeout;

use crate::rival::{Place, properties};
use crate::{Result, process};

const PATIENCE: Duration = Duration::from_secs(60);

/// Builds what is run beside this program, into the same folder.
///
/// # Errors
/// It cannot be built.
pub(crate) fn build() -> Result<()> {
    let target = binary("peers")?.ancestors().nth(2).ok_or("this program has no folder")?.to_owned();
    let release: &[&str] = if cfg!(debug_assertions) { &[] } else { &["--release"] };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for what in [&["-p", "benches", "--bins"][..], &["-p", "connect-worker", "--bin", "connect"]] {
        let mut build = Command::new(&cargo);
        // What cargo says to a program that it runs would make build scripts run again.
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_package(&name.to_string_lossy())) {
            build.env_remove(name);
        }
        build.current_dir(env!("CARGO_MANIFEST_DIR")).arg("build").args(release).args(what);
        if !build.arg("--target-dir").arg(&target).status()?.success() {
            return Err(format!("{} cannot be built", what[1]).into());
        }
    }
    Ok(())
}

fn is_of_package(name: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|prefix| name.starts_with(prefix))
}

fn binary(name: &str) -> Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

fn spawn(name: &str, arguments: &[&Path], errors: Stdio) -> Result<(Child, u32)> {
    let mut command = tokio::process::Command::new(binary(name)?);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors).kill_on_drop(true);
    let child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
    let pid = child.id().ok_or("it has ended")?;
    Ok((child, pid))
}

/// The next line that holds `text`.
async fn line<R: AsyncRead + Unpin>(lines: &mut Lines<BufReader<R>>, text: &str) -> Result<()> {
    let found = timeout(PATIENCE, async {
        let mut last = String::new();
        while let Some(line) = lines.next_line().await? {
            if line.contains(text) {
                return Ok(());
            }
            last = line;
        }
        Err(format!("our worker ended, last said {last:?}").into())
    });
    found.await.map_err(|_| format!("our worker does not say {text:?}"))?
}

/// `peer-worker`; it ends with this.
pub(crate) struct Peer {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    pub(crate) pid: u32,
    pub(crate) start: Duration,
}

impl Peer {
    pub(crate) async fn start(place: &Place) -> Result<Self> {
        let (mut child, pid) = spawn("peer-worker", &[&place.worker("peer")?], Stdio::inherit())?;
        let input = child.stdin.take().ok_or("no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let mut peer = Self { child, input, output, pid, start: Duration::ZERO };
        let idle = BTreeMap::from(
            [("connector.class", "dev.connect.GeneratedSource"), ("topic", "peers-idle"), ("records", "0")]
                .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        peer.create(place, "peers-idle-ours", &idle).await?;
        peer.start = since_boot().saturating_sub(process::began(pid)?);
        Ok(peer)
    }

    pub(crate) async fn create(&mut self, place: &Place, name: &str, config: &BTreeMap<String, String>) -> Result<()> {
        let mut config = config.clone();
        config.insert("name".into(), name.into());
        let file = place.write(&format!("{name}.properties"), &properties(&config))?;
        self.say(&format!("create {}", file.display())).await?;
        line(&mut self.output, &format!("running {name}")).await
    }

    pub(crate) async fn delete(&mut self, name: &str) -> Result<()> {
        self.say(&format!("delete {name}")).await?;
        line(&mut self.output, &format!("deleted {name}")).await
    }

    pub(crate) async fn say(&mut self, command: &str) -> Result<()> {
        Ok(self.input.write_all(format!("{command}\n").as_bytes()).await?)
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        drop(self.input);
        timeout(PATIENCE, self.child.wait()).await.map_err(|_| "our worker does not end")??;
        Ok(())
    }
}

/// `connect standalone`: a process for each connector.
pub(crate) struct Connect {
    running: Option<(Child, u32)>,
    peak_kib: u64,
    pub(crate) start: Duration,
}

impl Connect {
    pub(crate) async fn start(place: &Place) -> Result<Self> {
        let mut connect = Self { running: None, peak_kib: 0, start: Duration::ZERO };
        connect.create(place, "peers-idle-ours", &place.idle("ours")).await?;
        connect.start = since_boot().saturating_sub(process::began(connect.pid()?)?);
        connect.delete().await?;
        Ok(connect)
    }

    pub(crate) async fn create(&mut self, place: &Place, name: &str, config: &BTreeMap<String, String>) -> Result<()> {
        let mut config = config.clone();
        config.insert("name".into(), name.into());
        let file = place.write(&format!("{name}.properties"), &properties(&config))?;
        let (mut child, pid) =
            spawn("connect", &[Path::new("standalone"), &place.worker(name)?, &file], Stdio::piped())?;
        let mut errors = BufReader::new(child.stderr.take().ok_or("no standard error")?).lines();
        self.running = Some((child, pid));
        line(&mut errors, "connector started").await?;
        // Whoever does not read may make it wait.
        tokio::spawn(async move { while let Ok(Some(_)) = errors.next_line().await {} });
        Ok(())
    }

    pub(crate) fn pid(&self) -> Result<u32> {
        Ok(self.running.as_ref().ok_or("no process")?.1)
    }

    /// The most that any of its processes had.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.peak_kib
    }

    pub(crate) async fn delete(&mut self) -> Result<()> {
        let (mut child, pid) = self.running.take().ok_or("no process")?;
        self.peak_kib = self.peak_kib.max(process::peak_kib(pid)?);
        process::terminate(pid);
        let ended = timeout(PATIENCE, child.wait()).await.map_err(|_| "connect does not end")??;
        if ended.success() { Ok(()) } else { Err(format!("connect ended with {ended}").into()) }
    }
}

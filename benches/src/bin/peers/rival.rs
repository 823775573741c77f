//! A worker, whichever.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::java::Java;
use crate::ours::{Connect, Peer};
use crate::{Result, process};

/// Where files are, and the cluster; files are gone with this.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) bootstrap: String,
}

impl Place {
    pub(crate) fn new(bootstrap: &str) -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, bootstrap: bootstrap.into() })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// The file of a worker of ours: what `dev/services/connect-java` tells its own.
    pub(crate) fn worker(&self, name: &str) -> Result<PathBuf> {
        let (bootstrap, offsets) = (&self.bootstrap, self.path(&format!("{name}.offsets")));
        let text = format!(
            "bootstrap.servers={bootstrap}\noffset.storage.file.filename={}\n\
             key.converter=org.apache.kafka.connect.storage.StringConverter\n\
             value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n",
            offsets.display()
        );
        self.write(&format!("{name}.worker.properties"), &text)
    }

    /// A connector that has nothing to do: to see when a worker is up.
    pub(crate) fn idle(&self, whose: &str) -> BTreeMap<String, String> {
        let file = self.path("not-there").display().to_string();
        let name = format!("peers-idle-{whose}");
        let entries =
            [("name", &*name), ("connector.class", "FileStreamSource"), ("topic", "peers-idle"), ("file", &*file)];
        entries.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }
}

/// Entries as a properties file.
pub(crate) fn properties(entries: &BTreeMap<String, String>) -> String {
    entries.iter().fold(String::new(), |mut text, (key, value)| {
        // Nothing here needs an escape.
        let _ = writeln!(text, "{key}={value}");
        text
    })
}

/// Which of our programs does a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ours {
    /// The `connect` binary, a process for each run.
    Connect,
    /// `peer-worker`, which has the connectors that the binary lacks.
    Peer,
}

/// A worker that runs.
pub(crate) enum Rival {
    Java(Java),
    Peer(Peer),
    Connect(Connect),
}

impl Rival {
    pub(crate) async fn java(place: &Place) -> Result<Self> {
        Java::start(place).await.map(Self::Java)
    }

    pub(crate) async fn ours(place: &Place, which: Ours) -> Result<Self> {
        match which {
            Ours::Peer => Peer::start(place).await.map(Self::Peer),
            Ours::Connect => Connect::start(place).await.map(Self::Connect),
        }
    }

    /// From the start of the process to a connector that runs.
    pub(crate) fn start(&self) -> Duration {
        match self {
            Self::Java(java) => java.start,
            Self::Peer(peer) => peer.start,
            Self::Connect(connect) => connect.start,
        }
    }

    /// Makes a connector and waits until it runs. Gives the CPU time that the process had used before.
    pub(crate) async fn create(
        &mut self,
        place: &Place,
        name: &str,
        config: &BTreeMap<String, String>,
    ) -> Result<Duration> {
        let before = match self {
            Self::Java(java) => process::cpu(java.pid)?,
            Self::Peer(peer) => process::cpu(peer.pid)?,
            // A new process, which pays for its start.
            Self::Connect(_) => Duration::ZERO,
        };
        match self {
            Self::Java(java) => java.create(name, config).await?,
            Self::Peer(peer) => peer.create(place, name, config).await?,
            Self::Connect(connect) => connect.create(place, name, config).await?,
        }
        Ok(before)
    }

    /// The CPU time of the process up to now.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        process::cpu(match self {
            Self::Java(java) => java.pid,
            Self::Peer(peer) => peer.pid,
            Self::Connect(connect) => connect.pid()?,
        })
    }

    pub(crate) async fn delete(&mut self, name: &str) -> Result<()> {
        match self {
            Self::Java(java) => java.delete(name).await,
            Self::Peer(peer) => peer.delete(name).await,
            Self::Connect(connect) => connect.delete().await,
        }
    }

    /// Ends it. Gives its peak of memory in KiB.
    pub(crate) async fn stop(self) -> Result<u64> {
        match self {
            Self::Java(java) => process::peak_kib(java.pid),
            Self::Peer(peer) => {
                let peak = process::peak_kib(peer.pid)?;
                peer.stop().await?;
                Ok(peak)
            }
            Self::Connect(connect) => Ok(connect.peak_kib()),
        }
    }
}

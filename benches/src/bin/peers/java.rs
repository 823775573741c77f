//! A Java worker, by `dev/services/connect-java`.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use benches::since_boot;
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::rest::ask;
use crate::rival::{Place, properties};
use crate::{Result, cluster, process};

const PATIENCE: Duration = Duration::from_secs(120);

/// A standalone worker; it ends with this.
pub(crate) struct Java {
    port: u16,
    pub(crate) pid: u32,
    /// From the process's start to a connector whose task runs.
    pub(crate) start: Duration,
}

impl Java {
    pub(crate) async fn start(place: &Place) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let idle = place.write("idle.properties", &properties(&place.idle("java")))?;
        let mut java = Self { port, pid: 0, start: Duration::ZERO };
        script(&["wipe"], place)?;
        let mut starting = tokio::process::Command::from(command(&["standalone", "--port", &port.to_string()], place))
            .arg(idle)
            .stdout(Stdio::null())
            .spawn()?;
        timeout(PATIENCE, java.until_running("peers-idle-java"))
            .await
            .map_err(|_| "the Java worker does not start")??;
        let running = since_boot();
        if !starting.wait().await?.success() {
            return Err("the Java worker does not start".into());
        }
        let said = script(&["env"], place)?;
        let pid =
            said.lines().find_map(|line| line.strip_prefix("export CONNECT_JAVA_PID=")).ok_or("no Java worker")?;
        java.pid = pid.parse()?;
        java.start = running.saturating_sub(process::began(java.pid)?);
        Ok(java)
    }

    pub(crate) async fn create(&self, name: &str, config: &BTreeMap<String, String>) -> Result<()> {
        let body = json!({"name": name, "config": config}).to_string();
        ask(self.port, "POST", "/connectors", &body).await?.ok_or("the Java worker has a connector of this name")?;
        timeout(PATIENCE, self.until_running(name)).await.map_err(|_| format!("{name} does not run"))?
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<()> {
        ask(self.port, "DELETE", &format!("/connectors/{name}"), "").await.map(drop)
    }

    async fn until_running(&self, name: &str) -> Result<()> {
        loop {
            // Nothing listens at first.
            if let Ok(Some(status)) = ask(self.port, "GET", &format!("/connectors/{name}/status"), "").await {
                let states: Vec<_> =
                    status["tasks"].as_array().into_iter().flatten().map(|task| &task["state"]).collect();
                if states.iter().any(|state| *state == "FAILED") {
                    return Err(format!("{name} failed: {status}").into());
                }
                if !states.is_empty() && states.iter().all(|state| *state == "RUNNING") {
                    return Ok(());
                }
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Java {
    fn drop(&mut self) {
        let mut end = Command::new(cluster::service("connect-java"));
        // The script knows the process by its number and start.
        drop(end.env("CONNECT_WORKER", "peers").arg("wipe").stdout(Stdio::null()).status());
    }
}

fn command(arguments: &[&str], place: &Place) -> Command {
    let mut command = Command::new(cluster::service("connect-java"));
    command.args(arguments).env("CONNECT_WORKER", "peers").env("KAFKA_BOOTSTRAP", &place.bootstrap);
    command
}

fn script(arguments: &[&str], place: &Place) -> Result<String> {
    let output = command(arguments, place).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("connect-java {}: {}", arguments.join(" "), output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

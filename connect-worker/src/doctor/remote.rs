//! How a running worker is, by its REST interface.

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use hyper::Method;
use serde_json::Value;

use super::finding::Finding;
use crate::remote::{Remote, segment};

/// Tokens, certificates and timestamps bear no more.
const SKEW: Duration = Duration::from_secs(5);

pub(super) async fn findings(worker: &Remote) -> Vec<Finding> {
    let asked = match worker.ask(Method::GET, "/health", None).await {
        Ok(answer) => answer,
        Err(error) => {
            return vec![Finding::problem("worker", error, "is it running, and is --url where it listens?")];
        }
    };
    let mut findings = vec![health(asked.status.as_u16(), &asked.text())];
    findings.extend(asked.date.as_deref().and_then(clock));
    match worker.get("/connectors?expand=status&expand=info").await {
        Ok(all) => {
            for (name, entry) in all.as_object().into_iter().flatten() {
                findings.push(state(name, &entry["status"]));
                findings.push(checked(worker, name, &entry["info"]["config"]).await);
            }
        }
        Err(error) => findings.push(Finding::problem("connectors", error, "look at the worker's log")),
    }
    findings
}

fn health(status: u16, body: &str) -> Finding {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let told = body["message"].as_str().unwrap_or("no message").to_owned();
    match status {
        200 => Finding::ok("worker", told),
        // Workers of before Kafka 3.9 have no such question.
        404 => Finding::ok("worker", "answers"),
        _ => Finding::problem("worker", told, "wait if it is starting; otherwise look at its log"),
    }
}

/// The worker's clock beside this one's.
fn clock(date: &str) -> Option<Finding> {
    #[expect(clippy::disallowed_methods, reason = "the clock of this machine is what is looked at")]
    let here = SystemTime::now();
    let there = httpdate::parse_http_date(date).ok()?;
    Some(skew(here, there))
}

fn skew(here: SystemTime, there: SystemTime) -> Finding {
    let apart = here.duration_since(there).or_else(|_| there.duration_since(here)).unwrap_or_default();
    let told = format!("{} s from this machine's", apart.as_secs());
    if apart <= SKEW {
        Finding::ok("worker's clock", told)
    } else {
        Finding::problem(
            "worker's clock",
            told,
            "have both set their clocks by NTP: tokens, certificates and lag go by them",
        )
    }
}

fn state(name: &str, status: &Value) -> Finding {
    let what = format!("connector {name}");
    let failed = |state: &Value| state["state"] == "FAILED";
    let why = |state: &Value| state["trace"].as_str().and_then(|trace| trace.lines().next()).unwrap_or("").to_owned();
    let tasks: Vec<&Value> = status["tasks"].as_array().into_iter().flatten().collect();
    let restart =
        format!("remove the cause, then POST /connectors/{}/restart?includeTasks=true&onlyFailed=true", segment(name));
    if failed(&status["connector"]) {
        return Finding::problem(what, format!("FAILED: {}", why(&status["connector"])), restart);
    }
    let bad: Vec<_> = tasks.iter().filter(|task| failed(task)).collect();
    match bad.first() {
        Some(first) => {
            let told = format!("{} of {} tasks FAILED; task {}: {}", bad.len(), tasks.len(), first["id"], why(first));
            Finding::problem(what, told, restart)
        }
        None => {
            let state = status["connector"]["state"].as_str().unwrap_or("-");
            Finding::ok(what, format!("{state}, tasks: {}", tasks.len()))
        }
    }
}

/// Has the connector check its configuration again, and with it the system it talks to.
async fn checked(worker: &Remote, name: &str, config: &Value) -> Finding {
    let what = format!("connector {name}, its configuration and system");
    let members: Vec<_> = config.as_object().into_iter().flatten().collect();
    if let Some((key, _)) = members.iter().find(|(_, value)| value.as_str().is_some_and(|v| v.contains("[hidden]"))) {
        let told = format!("not checked, as the worker does not show {key}; give --config and the connector's file");
        return Finding::ok(what, told);
    }
    let class = config["connector.class"].as_str().unwrap_or_default();
    let path = format!("/connector-plugins/{}/config/validate", segment(class));
    match worker.put(&path, config).await {
        Err(error) => Finding::problem(what, error, "look at the worker's log"),
        Ok(infos) => {
            let errors = infos["configs"].as_array().into_iter().flatten().flat_map(|row| {
                let name = row["value"]["name"].as_str().unwrap_or_default();
                let errors = row["value"]["errors"].as_array().into_iter().flatten();
                errors.map(move |error| format!("{name}: {}", error.as_str().unwrap_or_default()))
            });
            match errors.collect::<Vec<_>>() {
                errors if errors.is_empty() => Finding::ok(what, "valid"),
                errors => Finding::problem(what, errors.join("\n"), "change the configuration, or mend what it names"),
            }
        }
    }
}

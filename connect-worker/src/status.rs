//! `connect status`: connectors and tasks of a running worker as a table.

#[cfg(test)]
mod tests;

use std::io::{self, Write as _};

use serde_json::{Value, json};

use crate::cli::{Format, Status};
use crate::exit::Exit;
use crate::output::{Screen, plain};
use crate::remote::{Metrics, Remote, segment};

/// States from bad to good, with that of a task that hangs.
const STATES: [&str; 8] =
    ["FAILED", "STALLED", "UNASSIGNED", "RESTARTING", "STOPPED", "PAUSED", "RUNNING", "DESTROYED"];

pub(crate) async fn run(screen: &Screen, args: Status) -> Exit {
    let failed = |exit, message: String| {
        screen.say(&format!("error: {message}"));
        exit
    };
    let remote = match args.remote.open() {
        Ok(remote) => remote,
        Err(message) => return failed(Exit::Usage, message),
    };
    let statuses = match statuses(&remote, args.connector.as_deref()).await {
        Ok(statuses) => statuses,
        Err((exit, message)) => return failed(exit, message),
    };
    let metrics = remote.metrics().await;
    let rows: Vec<_> = statuses.iter().map(|status| Row::of(status, metrics.as_ref())).collect();
    let text = match args.format {
        Format::Text => plain(&table(&rows)),
        Format::Json => rows.iter().map(|row| format!("{}\n", row.json())).collect(),
    };
    // Whoever closed the pipe has read enough.
    let _ = io::stdout().write_all(text.as_bytes());
    if rows.iter().any(|row| matches!(row.worst(), "FAILED" | "STALLED")) { Exit::Incomplete } else { Exit::Done }
}

async fn statuses(remote: &Remote, connector: Option<&str>) -> Result<Vec<Value>, (Exit, String)> {
    let Some(name) = connector else {
        let all = remote.get("/connectors?expand=status").await.map_err(|message| (Exit::Startup, message))?;
        let members = all.as_object().cloned().unwrap_or_default();
        let mut all: Vec<_> = members.into_iter().map(|(_, entry)| entry["status"].clone()).collect();
        all.sort_by_key(|status| status["name"].as_str().map(str::to_owned));
        return Ok(all);
    };
    let path = format!("/connectors/{}/status", segment(name));
    match remote.get(&path).await {
        Ok(status) => Ok(vec![status]),
        Err(message) if message.starts_with(&format!("{path}: 404")) => Err((Exit::Usage, message)),
        Err(message) => Err((Exit::Startup, message)),
    }
}

/// A connector or a task as a line.
struct Row {
    name: String,
    kind: String,
    state: String,
    worker: String,
    trace: Option<String>,
    /// Records and seconds behind the end of the log.
    lag: Option<(f64, f64)>,
    /// The stage a task is in, and for how many seconds.
    stage: Option<(String, f64)>,
    tasks: Vec<Row>,
}

impl Row {
    fn of(status: &Value, metrics: Option<&Metrics>) -> Self {
        let name = text(&status["name"]);
        let tasks = status["tasks"].as_array().into_iter().flatten();
        let tasks = tasks.map(|task| Self::of_task(&name, task, metrics)).collect();
        Self { kind: text(&status["type"]), tasks, ..Self::line(name, &status["connector"]) }
    }

    fn of_task(connector: &str, task: &Value, metrics: Option<&Metrics>) -> Self {
        let number = task["id"].to_string();
        let mut row = Self::line(number.clone(), task);
        let Some(metrics) = metrics else { return row };
        let of = |metric: &'static str| metrics.of_task(metric, connector, &number);
        let most = |metric| of(metric).map(|sample| sample.value).filter(|value| !value.is_nan());
        let records: f64 = most("connect_sink_lag_records").sum();
        if of("connect_sink_lag_records").next().is_some() {
            row.lag = Some((records, most("connect_sink_lag_seconds").fold(0.0, f64::max)));
        }
        row.stage = of("connect_task_stage_age_seconds")
            .max_by(|one, other| one.value.total_cmp(&other.value))
            .map(|sample| (sample.label("stage").to_owned(), sample.value));
        if row.state == "RUNNING" && of("connect_task_stalled").any(|sample| sample.value > 0.0) {
            row.state = "STALLED".into();
        }
        row
    }

    fn line(name: String, state: &Value) -> Self {
        Self {
            name,
            kind: String::new(),
            state: text(&state["state"]),
            worker: text(&state["worker_id"]),
            trace: state["trace"].as_str().map(str::to_owned),
            lag: None,
            stage: None,
            tasks: Vec::new(),
        }
    }

    /// The worst state of the connector and its tasks.
    fn worst(&self) -> &str {
        let rank = |state: &str| STATES.iter().position(|known| *known == state).unwrap_or(STATES.len());
        let states = self.tasks.iter().map(|task| task.state.as_str()).chain([self.state.as_str()]);
        states.min_by_key(|state| rank(state)).unwrap_or_default()
    }

    /// Of a connector that of all its tasks.
    fn lag(&self) -> Option<(f64, f64)> {
        let of_tasks = self.tasks.iter().filter_map(|task| task.lag);
        of_tasks.chain(self.lag).reduce(|one, other| (one.0 + other.0, one.1.max(other.1)))
    }

    fn json(&self) -> Value {
        let lag = self.lag();
        json!({
            "name": self.name, "type": self.kind, "state": self.state, "worst_state": self.worst(),
            "worker_id": self.worker, "trace": self.trace,
            "lag_records": lag.map(|lag| lag.0), "lag_seconds": lag.map(|lag| lag.1),
            "tasks": self.tasks.iter().map(|task| json!({
                "id": task.name.parse::<u64>().ok(), "state": task.state, "worker_id": task.worker,
                "stage": task.stage.as_ref().map(|stage| &stage.0),
                "stage_seconds": task.stage.as_ref().map(|stage| stage.1),
                "lag_records": task.lag.map(|lag| lag.0), "lag_seconds": task.lag.map(|lag| lag.1),
                "trace": task.trace,
            })).collect::<Vec<_>>(),
        })
    }

    fn cells(&self, name: String, worst: &str) -> [String; 7] {
        let lag = self.lag();
        [
            name,
            self.kind.clone(),
            self.state.clone(),
            worst.to_owned(),
            lag.map_or("-".into(), |lag| format!("{}", lag.0)),
            lag.map_or("-".into(), |lag| seconds(lag.1)),
            self.stage.as_ref().map_or_else(String::new, |(stage, age)| format!("{stage} since {}", seconds(*age))),
        ]
    }
}

fn table(rows: &[Row]) -> String {
    let mut lines = vec![["CONNECTOR", "TYPE", "STATE", "WORST", "LAG", "BEHIND", "STAGE"].map(str::to_owned)];
    let mut notes = vec![Vec::new()];
    let why = |row: &Row| row.trace.iter().flat_map(|trace| trace.lines().take(2)).map(str::to_owned).collect();
    for row in rows {
        lines.push(row.cells(row.name.clone(), row.worst()));
        notes.push(why(row));
        for task in &row.tasks {
            lines.push(task.cells(format!("  task {}", task.name), ""));
            notes.push(why(task));
        }
    }
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default();
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut text = String::new();
    for (line, notes) in lines.iter().zip(notes) {
        let padded = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(padded.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
        for note in notes {
            text.push_str(&format!("      {}\n", note.trim()));
        }
    }
    if rows.is_empty() {
        text.push_str("there are no connectors\n");
    }
    text
}

fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h", s / 3600.0),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

//! The end of a run.

use connect_runtime::{ConnectorStatus, State};
use tracing::{error, info};

use super::Until;
use super::start::Started;
use crate::exit::Exit;
use crate::output::Screen;
use crate::progress::Progress;
use crate::signals::Signal;

/// What the wait for everything to arrive says about the exit status, and why.
pub(super) fn drained(screen: &Screen, until: Until) -> Exit {
    match until {
        Until::Told(signal) => {
            screen.say(&format!("error: not every record arrived: stopped by {} before", signal.name()));
            Exit::Incomplete
        }
        Until::Drained(Ok(drained)) if drained.is_complete() => Exit::Done,
        Until::Drained(Ok(drained)) => {
            let reasons: Vec<_> = drained.connectors.iter().flat_map(reasons).collect();
            screen.say(&format!("error: not every record arrived\n  {}", reasons.join("\n  ")));
            Exit::Incomplete
        }
        Until::Drained(Err(error)) => {
            screen.say(&format!("error: not known whether every record arrived: {error:?}"));
            Exit::Incomplete
        }
    }
}

/// Why a connector's records may not all have arrived.
pub(super) fn reasons(connector: &ConnectorStatus) -> Vec<String> {
    let name = &connector.name;
    let mut reasons = Vec::new();
    if connector.state != State::Running {
        let trace = connector.trace.as_ref().map_or_else(String::new, |trace| format!(": {trace}"));
        reasons.push(format!("{name} is {}{trace}", connector.state));
    }
    for task in &connector.tasks {
        let id = task.id;
        if task.state != State::Running {
            let why = task.trace.as_ref().or(task.trouble.as_ref());
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            reasons.push(format!("{name}-{id} is {}{why}", task.state));
        }
        let counts = task.counts;
        if counts.errors > 0 {
            let (errors, dead) = (counts.errors, counts.dead_letters);
            reasons.push(format!("{name}-{id} gave up {errors} records, of which {dead} are dead letters"));
        }
    }
    reasons.into_iter().map(|reason| reason.replace('\n', "\n    ")).collect()
}

/// Ends the REST interface, stops connectors, then the broker.
pub(super) async fn in_order(screen: &Screen, started: Started, progress: &mut Progress) -> Exit {
    progress.end();
    started.rest.shutdown().await;
    let stopped = started.herder.shutdown().await;
    if let Some(broker) = &started.broker {
        broker.close().await;
    }
    match stopped {
        Ok(()) => {
            info!("stopped in order");
            Exit::Done
        }
        Err(error) => {
            error!("{error}");
            screen.say(&format!("error: {error}"));
            Exit::Incomplete
        }
    }
}

/// Ends the process here and now. What is not committed comes again at the next start.
pub(super) fn at_once(screen: &Screen, signal: Signal) -> ! {
    screen.say(&format!("{} again: ending at once", signal.name()));
    std::process::exit(signal.exit_status())
}

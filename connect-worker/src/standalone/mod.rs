//! `connect standalone`: from files to running connectors, and to an orderly end.

mod end;
mod patience;
mod start;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::info;

use crate::cli::Standalone;
use crate::exit::Exit;
use crate::levels::Levels;
use crate::output::Screen;
use crate::progress::Progress;
use crate::signals::{Signal, Signals};
use crate::validate::Checked;
use start::Started;

/// How often progress is shown, on a terminal and in a log.
const REDRAW_EVERY: Duration = Duration::from_millis(200);
const LOG_EVERY: Duration = Duration::from_secs(5);

/// How waiting for the end ended.
enum Until {
    Drained(connect_api::Result<connect_runtime::Drained>),
    Told(Signal),
}

pub(crate) async fn run(screen: &Screen, levels: Levels, args: Standalone) -> Exit {
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => {
            screen.say(&format!("error: signals cannot be received: {error}"));
            return Exit::Startup;
        }
    };
    let connectors: Vec<&Path> = args.connectors.iter().map(|file| file.as_path()).collect();
    let mut checked = Checked::default();
    checked.worker(&args.worker).await;
    // What it has to say of connectors is said again when they are created.
    let warnings = checked.warnings.clone();
    checked.connectors(&connectors).await;
    checked.warnings = warnings;
    // A worker may come up before what its connectors write to; they wait for it.
    checked.mistakes.forget_passing();
    if !checked.mistakes.is_empty() {
        screen.say(&checked.mistakes.to_string());
        return if checked.mistakes.has(&args.worker) { Exit::Startup } else { Exit::Connector };
    }
    let started = match tokio::select! {
        biased;
        signal = signals.next() => {
            info!("{} while starting", signal.name());
            return Exit::Incomplete;
        }
        started = start::start(checked, levels) => started,
    } {
        Ok(started) => started,
        Err((exit, message)) => {
            screen.say(&format!("error: {message}"));
            return exit;
        }
    };
    let mut progress = Progress::new(screen.clone(), started.worker.clone());
    let until = wait(&started, &mut signals, &mut progress, args.until_drained).await;
    let drained = if args.until_drained { end::drained(screen, until) } else { Exit::Done };
    let ended = tokio::select! {
        biased;
        signal = signals.next() => end::at_once(screen, signal),
        ended = end::in_order(screen, started, &mut progress) => ended,
    };
    if drained == Exit::Done { ended } else { drained }
}

/// Shows progress until everything has arrived, if that is asked for, or a signal comes.
async fn wait(started: &Started, signals: &mut Signals, progress: &mut Progress, until_drained: bool) -> Until {
    let drained = async {
        if !until_drained {
            std::future::pending::<()>().await;
        }
        patience::drained(&started.worker).await
    };
    tokio::pin!(drained);
    let every = if progress.is_live() { REDRAW_EVERY } else { LOG_EVERY };
    let mut ticks = interval_at(Instant::now() + REDRAW_EVERY, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            signal = signals.next() => {
                info!("{}: stopping in order; a second one ends at once", signal.name());
                return Until::Told(signal);
            }
            drained = &mut drained => return Until::Drained(drained),
            _ = ticks.tick() => progress.show(),
        }
    }
}

//! What is logged, and how that changes while the program runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connect_runtime::Clock;
use connect_runtime::rest::{LogLevel, LoggerControl, LoggerLevel};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::{Registry, reload};

/// What all loggers have that nobody said anything of.
const ROOT: &str = "root";

/// The levels of all loggers. Clones share them.
#[derive(Clone)]
pub(crate) struct Levels {
    state: Arc<Mutex<State>>,
    filter: reload::Handle<Targets, Registry>,
}

/// Levels that somebody gave, and the loggers there are.
struct State {
    root: LoggerLevel,
    given: BTreeMap<String, LoggerLevel>,
    seen: BTreeSet<&'static str>,
}

impl Levels {
    /// Levels as the command line has them, and the filter that obeys them.
    pub(crate) fn new(targets: Targets) -> (Self, reload::Layer<Targets, Registry>) {
        let unchanged = |level: LevelFilter| LoggerLevel { level: name_of(level), last_modified: None };
        let root = unchanged(targets.default_level().unwrap_or(LevelFilter::OFF));
        let given = targets.iter().map(|(target, level)| (target.to_owned(), unchanged(level))).collect();
        let (layer, filter) = reload::Layer::new(targets);
        let state = Arc::new(Mutex::new(State { root, given, seen: BTreeSet::new() }));
        (Self { state, filter }, layer)
    }

    /// Notes which loggers there are. It has to be the outermost layer, so that it hears of those that log nothing.
    pub(crate) fn watch(&self) -> Watch {
        Watch(Arc::clone(&self.state))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Whoever panicked left at worst a name out.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LoggerControl for Levels {
    fn loggers(&self) -> BTreeMap<String, LoggerLevel> {
        self.state().all()
    }

    fn set_level(&self, logger: &str, level: LogLevel) -> Vec<String> {
        let (changed, targets) = {
            let mut state = self.state();
            let before = state.all();
            state.set(logger, LoggerLevel { level, last_modified: Some(Clock::system().now_ms()) });
            let differs =
                |(name, now): &(&String, &LoggerLevel)| before.get(*name).map(|had| had.level) != Some(now.level);
            let after = state.all();
            let changed: Vec<_> = after.iter().filter(differs).map(|(name, _)| name.clone()).collect();
            (changed, state.targets())
        };
        // It has to be done without the lock: the layers are asked about every logger again.
        if let Err(error) = self.filter.reload(targets) {
            tracing::error!(%error, "levels of loggers could not be changed");
        }
        changed
    }
}

impl State {
    fn all(&self) -> BTreeMap<String, LoggerLevel> {
        let seen = self.seen.iter().map(|name| ((*name).to_owned(), self.of(name)));
        let given = self.given.iter().map(|(name, level)| (name.clone(), *level));
        std::iter::once((ROOT.to_owned(), self.root)).chain(seen).chain(given).collect()
    }

    /// The level that counts for a logger: its own, or that of the nearest one above it.
    fn of(&self, name: &str) -> LoggerLevel {
        let above = self.given.iter().filter(|(above, _)| is_below(name, above));
        above.max_by_key(|(above, _)| above.len()).map_or(self.root, |(_, level)| *level)
    }

    fn set(&mut self, logger: &str, level: LoggerLevel) {
        if logger == ROOT {
            self.root = level;
            self.given.clear();
            return;
        }
        // When nothing changes, it was not modified.
        let had =
            if self.given.contains_key(logger) || self.seen.contains(logger) { Some(self.of(logger)) } else { None };
        self.given.retain(|name, _| !is_below(name, logger) || name == logger);
        if had.is_none_or(|had| had.level != level.level) {
            self.given.insert(logger.to_owned(), level);
        }
    }

    fn targets(&self) -> Targets {
        let given = self.given.iter().map(|(name, level)| (name.clone(), filter_of(level.level)));
        Targets::new().with_targets(given).with_default(filter_of(self.root.level))
    }
}

/// Whether a logger is another one, or below it: `a::b` is below `a`.
fn is_below(name: &str, above: &str) -> bool {
    name.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with('.'))
}

fn name_of(level: LevelFilter) -> LogLevel {
    match level {
        LevelFilter::OFF => LogLevel::Off,
        LevelFilter::ERROR => LogLevel::Error,
        LevelFilter::WARN => LogLevel::Warn,
        LevelFilter::INFO => LogLevel::Info,
        LevelFilter::DEBUG => LogLevel::Debug,
        LevelFilter::TRACE => LogLevel::Trace,
    }
}

fn filter_of(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// Hears of every logger once.
pub(crate) struct Watch(Arc<Mutex<State>>);

impl<S: Subscriber> Layer<S> for Watch {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        lock(&self.0).seen.insert(metadata.target());
        Interest::always()
    }
}

#[cfg(test)]
mod tests;

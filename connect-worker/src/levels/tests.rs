use std::io::Write;
use std::sync::{Arc, Mutex};

use connect_runtime::rest::{LogLevel, LoggerControl as _};
use tracing_subscriber::prelude::*;

use super::Levels;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One event for each of the loggers `deep` and `deep::er`, at the level DEBUG.
fn events() {
    tracing::debug!(target: "deep", "one");
    tracing::debug!(target: "deep::er", "two");
}

#[test]
fn levels_change_while_it_logs() {
    let log = Log::default();
    let writer = log.clone();
    let (levels, filter) = Levels::new("info,deep::er=warn".parse().unwrap());
    let format = tracing_subscriber::fmt::layer().without_time().with_writer(move || writer.clone());
    let subscriber = tracing_subscriber::registry().with(filter).with(format).with(levels.watch());
    let logged = || String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();
    let level = |name: &str| levels.loggers().get(name).map(|logger| (logger.level, logger.last_modified.is_some()));
    tracing::subscriber::with_default(subscriber, || {
        // A logger is known from its first event that somebody may want.
        tracing::info!(target: "deep", "zero");
        tracing::info!(target: "deep::er", "nothing");
        events();
        assert_eq!(logged().lines().count(), 1);
        assert_eq!(level("root"), Some((LogLevel::Info, false)));
        assert_eq!(level("deep"), Some((LogLevel::Info, false)));
        assert_eq!(level("deep::er"), Some((LogLevel::Warn, false)));
        assert_eq!(level("other"), None);

        // Those below have no level of their own any more.
        assert_eq!(levels.set_level("deep", LogLevel::Debug), ["deep", "deep::er"]);
        assert_eq!(level("deep::er"), Some((LogLevel::Debug, true)));
        events();
        let text = logged();
        assert!(text.contains("one") && text.contains("two"), "{text}");
        assert_eq!(levels.set_level("deep", LogLevel::Debug), [""; 0]);

        assert_eq!(levels.set_level("other", LogLevel::Trace), ["other"]);
        assert_eq!(level("other"), Some((LogLevel::Trace, true)));

        let changed = levels.set_level("root", LogLevel::Off);
        assert!(
            changed.iter().any(|name| name == "root") && changed.iter().any(|name| name == "deep::er"),
            "{changed:?}"
        );
        events();
        assert_eq!(logged(), "");
    });
}

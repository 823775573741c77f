//! Standard error: log lines, and below them on a terminal the lines that are redrawn.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

use crate::levels::Levels;

/// What to log unless told.
const DEFAULT_LEVELS: &str = "info";

/// Standard error, shared by the log and the progress.
#[derive(Clone)]
pub(crate) struct Screen {
    live: Arc<Mutex<Live>>,
    terminal: bool,
}

/// The lines at the bottom of the terminal.
#[derive(Default)]
struct Live {
    lines: Vec<String>,
    drawn: usize,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { live: Arc::default(), terminal: io::stderr().is_terminal() }
    }

    /// Whether lines can be redrawn.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Writes a text of whole lines above the redrawn ones.
    pub(crate) fn say(&self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        self.live().write(&format!("{text}{end}"));
    }

    /// Replaces the redrawn lines.
    pub(crate) fn draw(&self, lines: Vec<String>) {
        let mut live = self.live();
        live.lines = lines;
        live.write("");
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        // A panic elsewhere while locked leaves at worst a line too many on the terminal.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// One write, so that nothing comes between. If standard error is gone there is nobody to tell.
    fn write(&mut self, above: &str) {
        let text = self.text(above);
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// What takes the redrawn lines away, and writes them again below this.
    fn text(&mut self, above: &str) -> String {
        let mut text = String::new();
        if self.drawn > 0 {
            text.push_str(&format!("\x1b[{}A\r\x1b[J", self.drawn));
        }
        text.push_str(above);
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        self.drawn = self.lines.len();
        text
    }
}

/// Where log events and spans go, until it is dropped.
pub(crate) struct Logging {
    /// What is logged.
    pub(crate) levels: Levels,
    #[cfg(feature = "otel")]
    _exporter: Option<crate::otel::Exporter>,
}

/// Sends log events to the screen, at levels that can be changed, and spans to where the environment says.
///
/// # Errors
/// The levels are not understood, or what the environment says of spans.
pub(crate) fn log_to(screen: &Screen, levels: Option<&str>) -> Result<Logging, String> {
    let levels = levels.unwrap_or(DEFAULT_LEVELS);
    let targets: Targets = levels.parse().map_err(|error| {
        format!("log levels {levels:?}: {error}; expected for example `info` or `warn,connect_kafka=debug`")
    })?;
    let format =
        tracing_subscriber::fmt::layer().with_ansi(screen.terminal).with_target(false).with_writer(screen.clone());
    let (levels, filter) = Levels::new(targets);
    let registry = tracing_subscriber::registry().with(filter).with(format);
    #[cfg(feature = "otel")]
    let exporter = crate::otel::Exporter::of_environment()?;
    #[cfg(feature = "otel")]
    let registry = registry.with(exporter.as_ref().map(crate::otel::Exporter::layer));
    registry.with(levels.watch()).init();
    Ok(Logging {
        levels,
        #[cfg(feature = "otel")]
        _exporter: exporter,
    })
}

/// A text that others wrote, without what a terminal would obey: control characters, and those that turn its direction.
pub(crate) fn plain(text: &str) -> String {
    let obeyed = |c: char| match c {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    };
    text.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect()
}

/// One log event on its way.
pub(crate) struct Event<'a>(MutexGuard<'a, Live>);

impl Write for Event<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Screen {
    type Writer = Event<'a>;

    fn make_writer(&'a self) -> Event<'a> {
        Event(self.live())
    }
}

#[cfg(test)]
mod tests;

//! What the binary can run, and `connect plugins`.

use std::io::{self, Write as _};

use connect_api::{PredicatePlugin, TransformPlugin};
use connect_elastic::{ElasticsearchSink, OpenSearchSink};
use connect_file::{FileStreamSink, FileStreamSource};
use connect_jdbc::{DebeziumJdbcSink, JdbcSink, JdbcSource};
use connect_kafka::EmbeddedBroker;
use connect_runtime::{Plugins, Worker};

use crate::exit::Exit;
use crate::output::Screen;

/// Every connector, transform and predicate of this workspace. The runtime adds the converters.
pub(crate) fn all() -> Plugins {
    let connectors = Plugins::new().source(FileStreamSource::new()).sink(FileStreamSink::new());
    let connectors = connectors.sink(ElasticsearchSink::new()).sink(OpenSearchSink::new());
    let connectors = connectors.source(JdbcSource::default()).sink(JdbcSink).sink(DebeziumJdbcSink);
    connect_transforms::register(Registry(connectors)).0
}

struct Registry(Plugins);

impl connect_transforms::Registry for Registry {
    fn transform<T: TransformPlugin>(self) -> Self {
        Self(self.0.transform::<T>())
    }

    fn predicate<P: PredicatePlugin>(self) -> Self {
        Self(self.0.predicate::<P>())
    }
}

pub(crate) fn run(screen: &Screen, class: Option<&str>) -> Exit {
    let text = match class {
        Some(class) => all().documentation(class).map_err(|error| error.to_string()),
        None => list(),
    };
    match text {
        // Whoever closed the pipe has read enough.
        Ok(text) => drop(io::stdout().write_all(text.as_bytes())),
        Err(error) => {
            screen.say(&format!("error: {error}"));
            return Exit::Usage;
        }
    }
    Exit::Done
}

fn list() -> Result<String, String> {
    // Only a worker knows which converters the runtime brings along.
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|error| error.to_string())?;
    let built = runtime.block_on(Worker::builder(EmbeddedBroker::new()).plugins(all()).build());
    let plugins = built.map_err(|error| error.to_string())?.plugins().list();
    let width = plugins.iter().map(|plugin| plugin.class.len()).max().unwrap_or_default();
    let mut text = format!("{:16} {:width$} {:8} ALIASES\n", "KIND", "CLASS", "VERSION");
    for plugin in plugins {
        let (kind, aliases) = (plugin.kind.to_string(), plugin.aliases.join(", "));
        let line = format!("{kind:16} {:width$} {:8} {aliases}", plugin.class, plugin.version);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    Ok(text)
}

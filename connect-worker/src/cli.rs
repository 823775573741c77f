//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::remote::Remote;

const EXAMPLES: &str = "\
Examples:
  Copy what there is from a source to a sink, and end:
      connect standalone worker.properties source.properties sink.json --until-drained
  Run until told to stop (SIGTERM or Ctrl-C ends in order, a second one at once):
      connect standalone worker.properties source.properties
  Check files without running anything:
      connect validate worker.properties source.properties sink.json
  Try a connector's transforms on records, without running anything:
      connect transform --config sink.json --input records.json
  Serve Kafka's protocol to programs on this machine, without Kafka:
      connect broker --listen 127.0.0.1:9092 --dir broker-data
  See what can be run, and the configuration of one connector:
      connect plugins
      connect plugins FileStreamSource
  See how a running worker is, and whether all that it needs is there:
      connect status
      connect doctor --config worker.properties source.properties sink.json

A worker needs no Kafka: its log is in the directory `broker.dir` of the worker file, unless `bootstrap.servers` there
names a cluster.
Exit status: 0 done, 1 usage, 2 worker did not start, 3 connector not created, 4 not every record arrived.";

/// Runs Kafka Connect connectors from their usual configuration files.
#[derive(Debug, Parser)]
#[command(name = "connect", version, after_help = EXAMPLES, max_term_width = 110, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// What to log: a level (error, warn, info, debug, trace), or levels of modules, as `info,connect_kafka=debug`.
    #[arg(long, global = true, value_name = "LEVELS", env = "CONNECT_LOG")]
    pub(crate) log: Option<String>,

    /// Threads for tasks; as many as there are cores, from 2 to 4, unless told.
    #[arg(long, global = true, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs connectors in this process.
    Standalone(Standalone),
    /// Checks worker and connector files, and names every mistake with file and key.
    Validate(Validate),
    /// Tries a connector's transforms on records, and shows what each step does to each of them.
    Transform(Transform),
    /// Serves the embedded broker to Kafka clients: in memory, or in a directory. Has no authentication.
    Broker(Broker),
    /// Lists the plugins, or shows the configuration of one connector.
    Plugins(Plugins),
    /// Shows connectors and tasks of a running worker: states, lag, and where a task hangs.
    ///
    /// Lag and stages come from the worker's /metrics; a Java worker has none, and shows states only. Exit status: 0 all
    /// is well, 1 usage or no such connector, 2 the worker does not answer, 4 something has FAILED or is STALLED.
    Status(Status),
    /// Shows or changes what a running worker logs, without a restart.
    ///
    /// It asks /admin/loggers. Log lines themselves are where the worker writes them, on its standard error. Without
    /// LOGGER all levels are shown, with LOGGER its level, and with LEVEL that is set for the logger and those below it
    /// until the worker ends. Exit status: 0 done, 1 usage or the worker refuses it, 2 the worker does not answer.
    Logs(Logs),
    /// Looks whether all that a worker needs is there, and says what to do where it is not.
    ///
    /// With --config, before a worker runs: the files, the Kafka cluster and its permissions, the worker's topics, each
    /// connector's own check of its configuration and of the system it talks to, directories, disk and open files. With
    /// --url, and without --config, of a running worker: its health and clock, its connectors, tasks and their systems.
    /// Exit status: 0 nothing is wrong, 1 usage, 4 there is a problem.
    Doctor(Doctor),
}

/// Which worker is asked, and as whom.
#[derive(Debug, Args)]
pub(crate) struct RemoteArgs {
    /// Where the worker's REST interface is; http://localhost:8083 unless told. For a worker that wants to know who asks,
    /// set CONNECT_REST_TOKEN to a token, or CONNECT_REST_USER to user:password.
    #[arg(long, value_name = "URL", env = "CONNECT_REST_URL")]
    pub(crate) url: Option<String>,
}

impl RemoteArgs {
    /// # Errors
    /// The URL is none of a worker.
    pub(crate) fn open(&self) -> Result<Remote, String> {
        let url = self.url.as_deref().unwrap_or("http://localhost:8083");
        let of = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Remote::new(url, of("CONNECT_REST_TOKEN").as_deref(), of("CONNECT_REST_USER").as_deref())
    }
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    /// A connector; all unless told.
    #[arg(value_name = "CONNECTOR")]
    pub(crate) connector: Option<String>,

    /// How to show them.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    /// A logger, such as `root` or `connect_kafka`.
    #[arg(value_name = "LOGGER")]
    pub(crate) logger: Option<String>,

    /// Its new level: error, warn, info, debug, trace, off.
    #[arg(value_name = "LEVEL")]
    pub(crate) level: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,

    /// The worker's configuration.
    #[arg(long, value_name = "WORKER.properties")]
    pub(crate) config: Option<PathBuf>,

    /// Connectors to check too, in any form that `standalone` takes.
    #[arg(value_name = "CONNECTOR", requires = "config")]
    pub(crate) connectors: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Standalone {
    /// The worker's configuration, a Java properties file.
    #[arg(value_name = "WORKER.properties")]
    pub(crate) worker: PathBuf,

    /// Connectors: each a properties file, a JSON object of strings with "name", or JSON with "name" and "config".
    ///
    /// Connectors that were created by REST come back by themselves; for one of the same name the file wins.
    #[arg(value_name = "CONNECTOR")]
    pub(crate) connectors: Vec<PathBuf>,

    /// Ends when sources have nothing more to read and sinks have everything. Fails unless every record arrived.
    ///
    /// Where a database or server does not answer when its task starts, the run gives up after one minute; without this
    /// option the task tries for ever. Later it is tried as often as the connector's configuration says.
    #[arg(long)]
    pub(crate) until_drained: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Files to check. A properties file without connector.class is taken for a worker's.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Transform {
    /// The connector, in any form that `standalone` takes. Only its transforms, predicates and converters count.
    #[arg(long, value_name = "CONNECTOR")]
    pub(crate) config: PathBuf,

    /// Records as JSON, one after another or in an array; `-` is standard input.
    ///
    /// All members may be left out: topic, partition, offset, timestamp, key, value, keySchema, valueSchema, rawKey,
    /// rawValue, headers. Keys and values with a schema bring it in keySchema and valueSchema, or are
    /// {"schema": ..., "payload": ...}. rawKey and rawValue are text that the converters read. headers is
    /// [{"key": ..., "value": ..., "schema": ...}].
    #[arg(long, value_name = "RECORDS")]
    pub(crate) input: PathBuf,

    /// The worker's configuration, for its config providers and converters.
    #[arg(long, value_name = "WORKER.properties")]
    pub(crate) worker: Option<PathBuf>,

    /// How to show what became of the records.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// A JSON object in a line for each record.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Broker {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9092")]
    pub(crate) listen: SocketAddr,

    /// Keeps everything in this directory. Without it, everything is gone when the broker ends.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    /// Allows addresses that other machines can reach. Whoever reaches it may do everything.
    #[arg(long)]
    pub(crate) allow_remote: bool,

    /// What clients are told to connect to, where that is not the address listened at.
    #[arg(long, value_name = "HOST:PORT", value_parser = host_and_port)]
    pub(crate) advertise: Option<(String, u16)>,

    /// Does not create topics that clients ask for.
    #[arg(long)]
    pub(crate) no_auto_create: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Plugins {
    /// Class or alias of a connector.
    #[arg(value_name = "CLASS")]
    pub(crate) class: Option<String>,
}

fn host_and_port(text: &str) -> Result<(String, u16), String> {
    let (host, port) = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).ok_or("expected HOST:PORT")?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok((host.to_owned(), port.parse().map_err(|_| format!("{port:?} is no port"))?))
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=1024) => Ok(threads),
        _ => Err("expected a whole number from 1 to 1024".into()),
    }
}

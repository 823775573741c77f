//! `connect transform`: a connector's transforms tried on records, without running anything.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use connect_kafka::EmbeddedBroker;
use connect_runtime::dry_run::{DryRun, Ended};
use connect_runtime::{Worker, WorkerConfig};

use crate::cli::{Format, Transform};
use crate::exit::Exit;
use crate::files::{ConnectorFile, Mistakes};
use crate::output::Screen;
use crate::plugins;
use crate::validate::Checked;

pub(crate) async fn run(screen: &Screen, args: Transform) -> Exit {
    let tried = match prepare(screen, &args).await {
        Ok(run) => try_records(&run, &args),
        Err(mistakes) => Err(mistakes.to_string()),
    };
    match tried {
        Ok(exit) => exit,
        Err(message) => {
            screen.say(&message);
            Exit::Usage
        }
    }
}

/// Reads the files.
async fn prepare(screen: &Screen, args: &Transform) -> Result<DryRun, Mistakes> {
    let mut checked = Checked::default();
    if let Some(worker) = &args.worker {
        checked.worker(worker).await;
    }
    if !checked.mistakes.is_empty() {
        return Err(checked.mistakes);
    }
    let mistake = |errors| {
        let mut mistakes = Mistakes::default();
        mistakes.add(&args.config, errors);
        mistakes
    };
    let connector = ConnectorFile::read(&args.config).map_err(mistake)?;
    let config = checked.settings.map_or_else(WorkerConfig::default, |settings| settings.worker);
    // Offsets are of no use here, and their file may belong to a worker that runs.
    let config = WorkerConfig { offset_storage_file: None, ..config };
    let builder = Worker::builder(EmbeddedBroker::new()).plugins(plugins::all());
    let worker = builder.providers(checked.providers).config(config).build().await;
    let worker = worker.map_err(|error| {
        let text = error.to_string();
        let mut mistakes = Mistakes::default();
        let text = checked.resolved.as_ref().map_or(text.clone(), |resolved| resolved.hide(&text));
        mistakes.add(args.worker.as_deref().unwrap_or(Path::new("defaults")), crate::files::only(text));
        mistakes
    })?;
    let run = worker.dry_run(&connector.config).await.map_err(mistake)?;
    let file = args.config.display();
    let warnings = run.warnings().iter().map(|warning| format!("{file}: {warning}"));
    for warning in checked.warnings.into_iter().chain(warnings) {
        screen.say(&format!("warning: {warning}"));
    }
    Ok(run)
}

/// Tries the records and prints what became of them.
fn try_records(run: &DryRun, args: &Transform) -> Result<Exit, String> {
    let name = if args.input == Path::new("-") { "standard input".into() } else { args.input.display().to_string() };
    let text = read(&args.input).map_err(|error| format!("error: {name}: cannot be read: {error}"))?;
    let traces = run.records(&text).map_err(|error| format!("error: {name}: {error:?}"))?;
    let mut exit = Exit::Done;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for trace in traces {
        if trace.ended() == Ended::Failed {
            exit = Exit::Usage;
        }
        let written = match args.format {
            Format::Text => write!(out, "{trace}"),
            Format::Json => writeln!(out, "{}", trace.to_json()),
        };
        if written.is_err() {
            // Whoever closed the pipe has read enough.
            return Ok(exit);
        }
    }
    let _ = out.flush();
    Ok(exit)
}

fn read(input: &Path) -> io::Result<String> {
    if input != Path::new("-") {
        return fs::read_to_string(input);
    }
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    Ok(text)
}

//! `connect logs`: what a running worker logs, shown and changed.

#[cfg(test)]
mod tests;

use std::io::{self, Write as _};

use serde_json::{Value, json};

use crate::cli::Logs;
use crate::exit::Exit;
use crate::output::{Screen, plain};
use crate::remote::{Remote, segment};

pub(crate) async fn run(screen: &Screen, args: Logs) -> Exit {
    let failed = |exit, message: String| {
        screen.say(&format!("error: {message}"));
        exit
    };
    let remote = match args.remote.open() {
        Ok(remote) => remote,
        Err(message) => return failed(Exit::Usage, message),
    };
    let answered = match (&args.logger, &args.level) {
        (None, _) => remote.get("/admin/loggers").await.map(|all| list(&all)),
        (Some(logger), None) => {
            let path = format!("/admin/loggers/{}", segment(logger));
            remote.get(&path).await.map(|level| format!("{logger} {}\n", word(&level["level"])))
        }
        (Some(logger), Some(level)) => set(&remote, logger, level).await,
    };
    match answered {
        Ok(text) => {
            // Whoever closed the pipe has read enough.
            let _ = io::stdout().write_all(plain(&text).as_bytes());
            Exit::Done
        }
        Err(message) if message.starts_with("the worker at") => failed(Exit::Startup, message),
        Err(message) => failed(Exit::Usage, message),
    }
}

async fn set(remote: &Remote, logger: &str, level: &str) -> Result<String, String> {
    let path = format!("/admin/loggers/{}", segment(logger));
    let body = json!({"level": level.to_uppercase()});
    // The worker's list of what changed is empty when nothing did.
    let changed = remote.put(&path, &body).await?;
    let names: Vec<_> = changed.as_array().into_iter().flatten().map(word).collect();
    Ok(match names.as_slice() {
        [] => format!("nothing changed: {logger} logs {} already\n", level.to_uppercase()),
        names => names.iter().map(|name| format!("{name} {}\n", level.to_uppercase())).collect(),
    })
}

fn list(all: &Value) -> String {
    let width = all.as_object().into_iter().flatten().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = all.as_object().into_iter().flatten();
    lines.map(|(name, logger)| format!("{name:width$}  {}\n", word(&logger["level"]))).collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

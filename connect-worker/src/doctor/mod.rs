//! `connect doctor`: whether all that a worker needs is there, and what to do where it is not.

mod broker;
mod files;
mod finding;
mod host;
mod remote;

use std::io::{self, Write as _};
use std::path::Path;

use crate::cli::Doctor;
use crate::exit::Exit;
use crate::output::{Screen, plain};
use crate::validate::Checked;
use finding::Finding;

pub(crate) async fn run(screen: &Screen, args: Doctor) -> Exit {
    let mut findings = Vec::new();
    if let Some(config) = &args.config {
        findings.extend(of_files(config, &args).await);
    }
    // Without a file a running worker is meant, where it usually is.
    if args.remote.url.is_some() || args.config.is_none() {
        match args.remote.open() {
            Ok(worker) => findings.extend(remote::findings(&worker).await),
            Err(message) => {
                screen.say(&format!("error: {message}"));
                return Exit::Usage;
            }
        }
    }
    let problems = findings.iter().filter(|finding| finding.is_problem()).count();
    let mut text: String = findings.iter().map(ToString::to_string).collect();
    text.push_str(&match problems {
        0 => "nothing is wrong\n".to_owned(),
        1 => "1 problem\n".to_owned(),
        n => format!("{n} problems\n"),
    });
    // Whoever closed the pipe has read enough.
    let _ = io::stdout().write_all(plain(&text).as_bytes());
    if problems == 0 { Exit::Done } else { Exit::Incomplete }
}

/// What the files say, and what they name.
async fn of_files(config: &Path, args: &Doctor) -> Vec<Finding> {
    let mut checked = Checked::default();
    checked.worker(config).await;
    let connectors: Vec<_> = args.connectors.iter().map(|file| file.as_path()).collect();
    checked.connectors(&connectors).await;
    let mut findings = files::findings(config, &checked, &connectors);
    if let Some(settings) = &checked.settings {
        let hide = |text: String| checked.resolved.as_ref().map_or(text.clone(), |resolved| resolved.hide(&text));
        let found = match &settings.kafka {
            Some(clients) => {
                let properties = checked.resolved.as_ref().map(|resolved| resolved.properties().clone());
                broker::findings(clients.clone(), &properties.unwrap_or_default(), &checked.connectors).await
            }
            None => host::log_directory(settings),
        };
        findings.extend(found.into_iter().map(|finding| finding.map(&hide)));
        findings.extend(host::findings(settings));
    }
    findings
}

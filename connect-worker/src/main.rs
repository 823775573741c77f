//! The `connect` binary; what it does is in the crate's README.

mod broker;
mod cli;
mod doctor;
mod exit;
mod files;
#[cfg(test)]
mod java;
mod levels;
mod logs;
#[cfg(feature = "otel")]
mod otel;
mod output;
mod plugins;
mod progress;
mod remote;
mod rest;
mod settings;
mod signals;
mod standalone;
mod status;
mod transform;
mod validate;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::output::Screen;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for and go to standard output; if nobody can read them, so be it.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    let screen = Screen::new();
    let logging = match output::log_to(&screen, cli.log.as_deref()) {
        Ok(logging) => logging,
        Err(message) => {
            screen.say(&format!("error: {message}"));
            return Exit::Usage.into();
        }
    };
    let exit = match cli.command {
        Command::Standalone(args) => run(&screen, cli.threads, standalone::run(&screen, logging.levels.clone(), args)),
        Command::Validate(args) => run(&screen, Some(1), validate::run(&screen, args.files)),
        Command::Transform(args) => run(&screen, Some(1), transform::run(&screen, args)),
        Command::Broker(args) => run(&screen, cli.threads, broker::run(&screen, args)),
        Command::Plugins(args) => plugins::run(&screen, args.class.as_deref()),
        Command::Status(args) => run(&screen, Some(1), status::run(&screen, args)),
        Command::Logs(args) => run(&screen, Some(1), logs::run(&screen, args)),
        Command::Doctor(args) => run(&screen, Some(1), doctor::run(&screen, args)),
    };
    exit.into()
}

/// Runs a command on a runtime of its own.
fn run(screen: &Screen, threads: Option<usize>, command: impl Future<Output = Exit>) -> Exit {
    // More threads than tasks that compute at a time only cost memory.
    let default = || std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4);
    let threads = threads.unwrap_or_else(default);
    match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(command);
            // A connector's blocking call, such as a read of standard input, may never return.
            runtime.shutdown_background();
            exit
        }
        Err(error) => {
            screen.say(&format!("error: the threads could not be started: {error}"));
            Exit::Startup
        }
    }
}

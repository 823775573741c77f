//! `connect broker`: the embedded broker on a port.

use std::io::{self, Write as _};

use connect_kafka::{EmbeddedBroker, EmbeddedOptions, ListenOptions};
use tracing::info;

use crate::cli::Broker;
use crate::exit::Exit;
use crate::output::Screen;
use crate::signals::Signals;

pub(crate) async fn run(screen: &Screen, args: Broker) -> Exit {
    let failed = |exit, message: String| {
        screen.say(&format!("error: {message}"));
        exit
    };
    if !args.listen.ip().is_loopback() && !args.allow_remote {
        let message = format!(
            "--listen {}: whoever reaches this address may read and delete everything, for there is no authentication; \
             give --allow-remote if that is meant, or listen at 127.0.0.1",
            args.listen
        );
        return failed(Exit::Usage, message);
    }
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return failed(Exit::Startup, format!("signals cannot be received: {error}")),
    };
    let broker = match &args.dir {
        None => EmbeddedBroker::new(),
        Some(directory) => {
            let directory = directory.clone();
            let opened =
                tokio::task::spawn_blocking(move || EmbeddedBroker::open(directory, EmbeddedOptions::default()));
            match opened.await {
                Ok(Ok(broker)) => broker,
                Ok(Err(error)) => return failed(Exit::Startup, format!("--dir: {}", error.message)),
                Err(error) => return failed(Exit::Startup, format!("--dir: opening it did not end: {error}")),
            }
        }
    };
    let mut options = ListenOptions::default();
    options.address = args.listen;
    options.advertised = args.advertise.clone();
    options.auto_create_topics = !args.no_auto_create;
    let listening = match broker.listen_with(options).await {
        Ok(listening) => listening,
        Err(error) => return failed(Exit::Startup, format!("--listen {}: {error}", args.listen)),
    };
    // Whoever closed the pipe knows the address.
    let _ = writeln!(io::stdout(), "broker listens at {}", listening.address());
    let _ = io::stdout().flush();
    let signal = signals.next().await;
    info!("{}: stopping in order; a second one ends at once", signal.name());
    drop(listening);
    tokio::select! {
        biased;
        signal = signals.next() => std::process::exit(signal.exit_status()),
        () = broker.close() => {}
    }
    info!("stopped in order");
    Exit::Done
}

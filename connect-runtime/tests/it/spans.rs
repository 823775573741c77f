//! What a connector logs says which task it was, and in which call.

use std::io::Write;
use std::sync::{Arc, Mutex};

use connect_api::{Delivery, OffsetMap, Record, SinkRecord};
use connect_runtime::testing::TestWorker;
use connect_runtime::{SourceOptions, sink_fn, source_fn};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::sink;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test(start_paused = true)]
async fn a_connectors_log_lines_carry_connector_task_and_stage() {
    let lines = Lines::default();
    let format = tracing_subscriber::fmt().with_writer(lines.clone()).without_time().with_target(false);
    let _listens = tracing::subscriber::set_default(format.with_ansi(false).finish());
    let worker = TestWorker::start().await;
    let source = source_fn(async |after: Option<OffsetMap>| {
        tracing::info!("looking");
        let first = after.is_none().then(|| (Record::new("t", "a"), OffsetMap::of("n", 1i64)));
        Ok(first.into_iter().collect())
    });
    worker.start_source(SourceOptions::new("source"), source, ()).await;
    worker.drained().await;
    let taking = sink_fn(async |_: Vec<SinkRecord>| {
        tracing::info!("taking");
        Ok(Delivery::Durable)
    });
    worker.start_sink(sink("t"), taking, ()).await;
    worker.drained().await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for line in [
        "INFO task{connector=source task=0}:stage{stage=\"poll\"}: looking",
        "INFO task{connector=sink task=0}:stage{stage=\"put\" records=1}: taking",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}

//! The conformance suite notices what is wrong.

use std::sync::{Arc, Mutex};

use connect_api::{
    Delivery, Error, OffsetMap, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, async_trait,
};
use connect_runtime::testing::conformance::sink::{self, SinkHarness};
use connect_runtime::testing::conformance::source::{self, SourceHarness};
use connect_runtime::{sink_fn, source_fn};

/// How a sink goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// Drops what it put when it is put again.
    Forgets,
    /// Says that records are durable which it only holds.
    Promises,
    /// Has no flush.
    HasNoFlush,
    /// Swallows bad records.
    Swallows,
    /// Does not end.
    Hangs,
    /// Writes a batch in the wrong order.
    Reverses,
}

#[derive(Debug, Clone)]
struct Flawed {
    flaw: Flaw,
    table: Arc<Mutex<Vec<String>>>,
}

struct FlawedTask {
    flaw: Flaw,
    table: Arc<Mutex<Vec<String>>>,
    held: Vec<String>,
    calls: u32,
}

#[async_trait]
impl SinkConnector for Flawed {
    const NAME: &'static str = "Flawed";
    type Config = ();
    type Task = FlawedTask;

    async fn task(&self, (): &(), _context: SinkTaskContext) -> Result<FlawedTask> {
        Ok(FlawedTask { flaw: self.flaw, table: Arc::clone(&self.table), held: Vec::new(), calls: 0 })
    }
}

#[async_trait]
impl Task for FlawedTask {
    async fn stop(&mut self) -> Result<()> {
        if self.flaw == Flaw::Hangs { std::future::pending().await } else { Ok(()) }
    }
}

#[async_trait]
impl SinkTask for FlawedTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        self.calls += 1;
        let mut failed = Vec::new();
        let mut good = Vec::new();
        for (index, record) in records.iter().enumerate() {
            match &*record.value.value.to_string() {
                "poison" if self.flaw == Flaw::Swallows => {}
                "poison" => failed.push((index, Error::data("poison"))),
                value => good.push(value.to_owned()),
            }
        }
        match self.flaw {
            Flaw::Forgets if self.calls == 2 => good.clear(),
            Flaw::Reverses => good.reverse(),
            _ => {}
        }
        self.held.append(&mut good);
        if !failed.is_empty() {
            return Err(Error::records(failed));
        }
        Ok(if self.flaw == Flaw::Promises { Delivery::Durable } else { Delivery::Buffered })
    }

    async fn flush(&mut self) -> Result<()> {
        if self.flaw == Flaw::HasNoFlush {
            return Err(connect_api::host::no_flush());
        }
        self.table.lock().unwrap().append(&mut self.held);
        Ok(())
    }
}

async fn check_sink(flaw: Flaw) {
    sink::all(|| {
        let table = Arc::new(Mutex::new(Vec::<String>::new()));
        let connector = Flawed { flaw, table: Arc::clone(&table) };
        let arrived = async move || table.lock().unwrap().iter().map(|row| row.parse().unwrap()).collect();
        SinkHarness::new(connector, [("unused", "")], arrived).poison("poison")
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_buffers_keeps_the_rules() {
    check_sink(Flaw::None).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "are lost")]
async fn a_sink_that_forgets_is_found() {
    check_sink(Flaw::Forgets).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "breaks the rule `delivers_everything`")]
async fn a_sink_that_promises_too_much_is_found() {
    check_sink(Flaw::Promises).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "has no flush")]
async fn a_sink_without_a_flush_is_found() {
    check_sink(Flaw::HasNoFlush).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "4 records were bad, the dead letter queue has []")]
async fn a_sink_that_swallows_bad_records_is_found() {
    check_sink(Flaw::Swallows).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "did not stop")]
async fn a_sink_that_hangs_is_found() {
    check_sink(Flaw::Hangs).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "later in order")]
async fn a_sink_that_reverses_is_found() {
    check_sink(Flaw::Reverses).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(
    expected = "`reports_all_config_errors`: {\"unused\": \"wrong\"} is wrong in [\"unused\"], but was taken"
)]
async fn a_sink_that_takes_any_configuration_is_found() {
    sink::all(|| {
        let connector = sink_fn(async |_: Vec<SinkRecord>| Ok(Delivery::Durable));
        SinkHarness::new(connector, [("unused", "")], async || Vec::new()).broken([("unused", "wrong")], ["unused"])
    })
    .await;
}

/// A source of a table whose offsets are off by `skip`.
async fn check_source(skip: i64) {
    source::all(|| {
        let table = Arc::new(Mutex::new(Vec::<u32>::new()));
        let rows = Arc::clone(&table);
        let connector = source_fn(move |after: Option<OffsetMap>| {
            let next = after.and_then(|offset| offset.get_i64("row")).unwrap_or(0);
            let rows = rows.lock().unwrap().clone().into_iter().zip(1i64..).skip(usize::try_from(next).unwrap());
            let record = |(row, n): (u32, i64)| (Record::new("rows", row.to_string()), OffsetMap::of("row", n + skip));
            let records = rows.map(record).collect();
            async { Ok(records) }
        });
        SourceHarness::new(connector, [("unused", "")], async move |numbers| table.lock().unwrap().extend(numbers))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_source_that_counts_right_keeps_the_rules() {
    check_source(0).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "are lost")]
async fn a_source_that_skips_is_found() {
    check_source(1).await;
}

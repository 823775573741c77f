//! Bad records that a task reports after `put` has returned.

use std::time::Duration;

use connect_api::{
    Delivery, Error, Flow, Offsets, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task,
    Transform, Value, async_trait,
};
use connect_runtime::testing::{Api, Fault, TestWorker};

use crate::support::{sink, tolerant};

/// Finds out at its flush which records are bad.
struct Late;

struct LateTask {
    context: SinkTaskContext,
    buffer: Vec<SinkRecord>,
}

#[async_trait]
impl SinkConnector for Late {
    const NAME: &'static str = "late";
    type Config = ();
    type Task = LateTask;

    async fn task(&self, (): &(), context: SinkTaskContext) -> Result<LateTask> {
        Ok(LateTask { context, buffer: Vec::new() })
    }
}

#[async_trait]
impl Task for LateTask {}

#[async_trait]
impl SinkTask for LateTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        self.buffer.extend_from_slice(records);
        Ok(Delivery::Buffered)
    }

    async fn pre_commit(&mut self, seen: Offsets) -> Result<Offsets> {
        let reporter = self.context.errant_record_reporter().unwrap();
        for record in std::mem::take(&mut self.buffer) {
            if record.offset() % 10 == 5 {
                let error = Error::data("refused").with_detail("error.type", "too_odd").with_detail("field", "n");
                reporter.report(&record, error).await?;
            }
        }
        Ok(seen)
    }
}

/// Leaves nothing of a record as it was.
struct Changed;

impl Transform for Changed {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        *record = Record::new("elsewhere", "changed");
        Ok(Flow::Keep)
    }
}

/// Fifty records of three batches and two partitions, of which a late sink finds ten bad.
async fn sent() -> TestWorker {
    let worker = TestWorker::builder().patience(Duration::from_secs(3600)).start().await;
    worker.topic("t", 2).await;
    for batch in 0..3 {
        let record = |n: i64| {
            let record = Record::new("t", format!("value {n}")).with_key(format!("key {n}"));
            record.with_partition((n % 2) as i32).with_header("h", Value::from(n)).with_timestamp(1_700_000_000_000 + n)
        };
        worker.send_records((0..100).filter(|n| n * 3 / 100 == batch).map(record)).await;
    }
    worker
}

#[tokio::test(start_paused = true)]
async fn dead_letters_of_late_reports_have_the_bytes_that_were_read() {
    let worker = sent().await;
    let options = sink("t").errors(tolerant()).max_poll_records(7).transform("changed", Changed);
    worker.start_sink(options, Late, ()).await;
    worker.drained().await;
    let letters = worker.dead_letters("dlq");
    let mut texts: Vec<_> = letters.iter().map(|letter| letter.text()).collect();
    texts.sort();
    let mut expect: Vec<_> = (0..100).filter(|n| (n / 2) % 10 == 5).map(|n| format!("value {n}")).collect();
    expect.sort();
    assert_eq!(texts, expect);
    for letter in &letters {
        let n = letter.text().replace("value ", "");
        assert_eq!(letter.key.as_deref(), Some(format!("key {n}").as_bytes()));
        assert_eq!(letter.header("h"), Some(n.clone()));
        let details: Vec<_> = letter.headers.iter().rev().take(2).rev().map(|(name, _)| name.as_str()).collect();
        assert_eq!(details, ["__connect.errors.detail.error.type", "__connect.errors.detail.field"]);
        assert_eq!(letter.header("__connect.errors.detail.error.type").as_deref(), Some("too_odd"));
        assert_eq!(letter.header("__connect.errors.topic").as_deref(), Some("t"));
    }
    assert_eq!(worker.committed("sink", "t"), [50, 50]);
}

/// Then there is nothing better than what the task has of it.
#[tokio::test(start_paused = true)]
async fn dead_letters_of_records_that_cannot_be_read_again_have_what_is_left_of_them() {
    let worker = sent().await;
    let options = sink("t").errors(tolerant()).transform("changed", Changed);
    worker.start_sink(options, Late, ()).await;
    worker.until(|| worker.status("sink").tasks[0].counts.written == 100).await;
    worker.faults().inject(Fault::delay(Api::Fetch, Duration::from_secs(86_400)));
    worker.drained().await;
    let texts: Vec<_> = worker.dead_letters("dlq").iter().map(|letter| letter.text()).collect();
    assert_eq!(texts, ["changed"; 10]);
}

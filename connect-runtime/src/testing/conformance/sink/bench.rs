//! A sink on the bench: the worker, the watched connector, and what it is asked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use connect_api::{Datum, Record, SinkConnector};

use super::super::report::{Copies, Rule};
use super::super::script::Script;
use super::SinkHarness;
use super::watched::Watched;
use crate::plugins::Plugins;
use crate::testing::TestWorker;

pub(super) const SINK: &str = "sink";
pub(super) const TOPIC: &str = "records";
pub(super) const PARTITIONS: u32 = 2;

/// A sink under one rule.
pub(super) struct Bench<A> {
    pub(super) rule: Rule,
    pub(super) worker: TestWorker,
    pub(super) script: Arc<Script>,
    properties: BTreeMap<String, String>,
    arrived: A,
    value: Box<dyn Fn(u32) -> Datum + Send + Sync>,
    ordered: bool,
    idempotent: bool,
}

impl<A: AsyncFn() -> Vec<u32>> Bench<A> {
    pub(super) async fn new<C: SinkConnector>(name: &'static str, harness: SinkHarness<C, A>) -> Self {
        let SinkHarness { connector, properties, arrived, value, ordered, idempotent, json, .. } = harness;
        let script = Arc::new(Script::default());
        let watched = Watched { connector, script: Arc::clone(&script) };
        let builder = TestWorker::builder().plugins(Plugins::new().sink(watched));
        let worker = if json { builder.json() } else { builder }.start().await;
        worker.topic(TOPIC, PARTITIONS as i32).await;
        let rule = Rule { connector: C::NAME, name };
        let mut all = BTreeMap::from(
            [("name", SINK), ("connector.class", C::NAME), ("topics", TOPIC)].map(|(k, v)| (k.into(), v.into())),
        );
        // Several puts for a few records.
        all.insert("consumer.override.max.poll.records".into(), "4".into());
        all.extend(properties);
        Self { rule, worker, script, properties: all, arrived, value, ordered, idempotent }
    }

    /// The connector's whole configuration, with these properties over it.
    pub(super) fn properties<'a>(
        &self,
        more: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> BTreeMap<String, String> {
        let mut properties = self.properties.clone();
        properties.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
        properties
    }

    pub(super) async fn start(&self) {
        self.worker.create(self.properties([])).await;
    }

    /// Sends records by turns to the partitions.
    pub(super) async fn send(&self, numbers: Range<u32>) {
        for number in numbers {
            self.send_value((self.value)(number), number % PARTITIONS).await;
        }
    }

    pub(super) async fn send_value(&self, value: Datum, partition: u32) {
        let record = Record::new(TOPIC, value).with_partition(partition as i32);
        self.worker.send_records([record]).await;
    }

    pub(super) async fn arrived(&self) -> Vec<u32> {
        (self.arrived)().await
    }

    /// How often a record may arrive after somebody could not know whether it had.
    pub(super) fn repeated(&self) -> Copies {
        if self.idempotent { Copies::One } else { Copies::Some }
    }

    /// Waits until all is delivered and committed, and looks what arrived.
    pub(super) async fn check(&self, expected: Range<u32>, copies: Copies) {
        self.drained().await;
        self.check_arrived(expected.clone(), copies).await;
        let committed: i64 = self.worker.committed(SINK, TOPIC).iter().sum();
        let sent = self.worker.records(TOPIC).len() as i64;
        self.rule.check(committed == sent, || format!("{committed} records are committed of {sent} that were sent"));
    }

    pub(super) async fn check_arrived(&self, expected: Range<u32>, copies: Copies) {
        let arrived = self.arrived().await;
        self.rule.arrived(&arrived, expected, copies, self.ordered.then_some(|number| number % PARTITIONS));
    }

    pub(super) async fn drained(&self) {
        self.worker.settled().await;
        let trace = self.worker.trace(SINK);
        self.rule.check(trace.is_empty(), || format!("it FAILED: {trace}"));
    }

    pub(super) async fn stop(&self) {
        let stopped = self.worker.worker().stop(SINK).await;
        stopped.unwrap_or_else(|error| self.rule.broken(format!("it did not stop in time: {error}")));
    }
}

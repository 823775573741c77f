//! A source on the bench: the worker, the watched connector, and what it is asked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use connect_api::SourceConnector;
use connect_kafka::Broker as _;

use super::super::report::{Copies, Lane, Rule};
use super::super::script::Script;
use super::SourceHarness;
use super::harness::Number;
use super::watched::Watched;
use crate::plugins::Plugins;
use crate::testing::TestWorker;

pub(super) const SOURCE: &str = "source";

/// A source under one rule.
pub(super) struct Bench<C, F> {
    pub(super) rule: Rule,
    pub(super) worker: TestWorker,
    pub(super) script: Arc<Script>,
    pub(super) connector: Arc<C>,
    properties: BTreeMap<String, String>,
    feed: F,
    number: Number,
    lane: Option<Lane>,
}

impl<C: SourceConnector, F: AsyncFn(Range<u32>)> Bench<C, F> {
    pub(super) async fn new(name: &'static str, harness: SourceHarness<C, F>) -> Self {
        let SourceHarness { connector, properties, feed, number, lane, .. } = harness;
        let (connector, script) = (Arc::new(connector), Arc::new(Script::default()));
        let watched = Watched { connector: Arc::clone(&connector), script: Arc::clone(&script) };
        let worker = TestWorker::builder().json().plugins(Plugins::new().source(watched)).start().await;
        let rule = Rule { connector: C::NAME, name };
        let own = [("name", SOURCE), ("connector.class", C::NAME), ("tasks.max", "4")];
        let mut all: BTreeMap<_, _> = own.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        all.extend(properties);
        Self { rule, worker, script, connector, properties: all, feed, number, lane }
    }

    pub(super) fn properties(&self) -> &BTreeMap<String, String> {
        &self.properties
    }

    pub(super) async fn start(&self) {
        self.worker.create(self.properties.clone()).await;
    }

    pub(super) async fn feed(&self, numbers: Range<u32>) {
        (self.feed)(numbers).await;
    }

    /// The numbers of all records on all topics.
    pub(super) async fn produced(&self) -> Vec<u32> {
        let topics = self.worker.broker().topics(None).await;
        let topics = topics.unwrap_or_else(|error| panic!("topics could not be listed: {error}"));
        let records = topics.iter().flat_map(|topic| self.worker.records(&topic.name));
        records.filter_map(|record| (self.number)(&record)).collect()
    }

    /// Waits until all is produced and its offsets are stored, and looks what arrived.
    pub(super) async fn check(&self, expected: Range<u32>, copies: Copies) {
        self.drained().await;
        self.rule.arrived(&self.produced().await, expected, copies, self.lane);
    }

    pub(super) async fn drained(&self) {
        self.worker.settled().await;
        let trace = self.worker.trace(SOURCE);
        self.rule.check(trace.is_empty(), || format!("it FAILED: {trace}"));
    }

    /// Waits until something was acknowledged by the broker.
    pub(super) async fn until_produced(&self) {
        let written = || self.worker.status(SOURCE).tasks.iter().any(|task| task.counts.written > 0);
        self.worker.until(written).await;
    }

    pub(super) async fn stop(&self) {
        let stopped = self.worker.worker().stop(SOURCE).await;
        stopped.unwrap_or_else(|error| self.rule.broken(format!("it did not stop in time: {error}")));
    }

    pub(super) async fn resume(&self) {
        self.worker.worker().resume(SOURCE).await.unwrap_or_else(|error| panic!("{error}"));
    }
}

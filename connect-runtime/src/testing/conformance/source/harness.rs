//! What the rules need to know of a source.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use connect_api::{SinkRecord, SourceConnector};

use super::super::report::Lane;
use super::super::sink::strings;

/// Reads the number of a record.
pub(super) type Number = Box<dyn Fn(&SinkRecord) -> Option<u32> + Send + Sync>;

/// A source under test, with a system of its own that holds nothing yet.
///
/// The rules ask for records that carry a number to be put into the system, and look which numbers come out.
pub struct SourceHarness<C, F> {
    pub(super) connector: C,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) feed: F,
    pub(super) number: Number,
    pub(super) broken: Vec<(BTreeMap<String, String>, Vec<String>)>,
    pub(super) lane: Option<Lane>,
}

impl<C: SourceConnector, F: AsyncFn(Range<u32>)> SourceHarness<C, F> {
    /// A source, its own properties, and how to put numbers into its system, in this order. The values of its
    /// records are these numbers as text; see [`number`](Self::number).
    pub fn new<K: Into<String>, V: Into<String>>(
        connector: C,
        properties: impl IntoIterator<Item = (K, V)>,
        feed: F,
    ) -> Self {
        Self {
            connector,
            properties: strings(properties),
            feed,
            number: Box::new(|record| record.value.value.to_string().parse().ok()),
            broken: Vec::new(),
            lane: Some(|_| 0),
        }
    }

    /// How a number is read from a record; what is `None` is not counted. The value is its text unless told
    /// otherwise. Of values that are no text, the records given here have the JSON of, with schema.
    #[must_use]
    pub fn number(mut self, number: impl Fn(&SinkRecord) -> Option<u32> + Send + Sync + 'static) -> Self {
        self.number = Box::new(number);
        self
    }

    /// Properties of the source that are wrong, put over those that are right, and all keys that are to be blamed.
    #[must_use]
    pub fn broken<const N: usize, const M: usize>(mut self, properties: [(&str, &str); N], keys: [&str; M]) -> Self {
        self.broken.push((strings(properties), keys.map(str::to_owned).to_vec()));
        self
    }

    /// Only those numbers keep their order for which `lane` answers the same; otherwise all do.
    #[must_use]
    pub fn ordered_by(mut self, lane: fn(u32) -> u32) -> Self {
        self.lane = Some(lane);
        self
    }

    /// The system does not keep its records in order.
    #[must_use]
    pub fn unordered(mut self) -> Self {
        self.lane = None;
        self
    }
}

impl<C: SourceConnector, F> fmt::Debug for SourceHarness<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceHarness").field("connector", &C::NAME).finish_non_exhaustive()
    }
}

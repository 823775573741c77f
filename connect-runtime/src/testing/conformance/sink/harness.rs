//! What the rules need to know of a sink.

use std::collections::BTreeMap;
use std::fmt;

use connect_api::{Datum, SinkConnector};

/// A sink under test, with a system of its own that holds nothing yet.
///
/// The rules send it records that carry a number, and ask which numbers have arrived.
pub struct SinkHarness<C, A> {
    pub(super) connector: C,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) arrived: A,
    pub(super) value: Box<dyn Fn(u32) -> Datum + Send + Sync>,
    pub(super) poison: Option<Datum>,
    pub(super) broken: Vec<(BTreeMap<String, String>, Vec<String>)>,
    pub(super) ordered: bool,
    pub(super) idempotent: bool,
    pub(super) json: bool,
}

impl<C: SinkConnector, A: AsyncFn() -> Vec<u32>> SinkHarness<C, A> {
    /// A sink, its own properties, and how to look which numbers its system holds now: all that are there for good,
    /// in the order they came, repeated ones repeated.
    pub fn new<K: Into<String>, V: Into<String>>(
        connector: C,
        properties: impl IntoIterator<Item = (K, V)>,
        arrived: A,
    ) -> Self {
        Self {
            connector,
            properties: strings(properties),
            arrived,
            value: Box::new(|number| number.to_string().into()),
            poison: None,
            broken: Vec::new(),
            ordered: true,
            idempotent: false,
            json: false,
        }
    }

    /// How a number is written into a record's value; as a string unless told otherwise. With anything but strings
    /// the topic holds JSON with schemas.
    #[must_use]
    pub fn value<D: Into<Datum>>(mut self, value: impl Fn(u32) -> D + Send + Sync + 'static) -> Self {
        self.value = Box::new(move |number| value(number).into());
        self.json = true;
        self
    }

    /// A value that the sink refuses with a data error. Without it [`partial_failures`](super::partial_failures) and
    /// [`fails_on_a_bad_record`](super::fails_on_a_bad_record) are not checked.
    #[must_use]
    pub fn poison(mut self, value: impl Into<Datum>) -> Self {
        self.poison = Some(value.into());
        self
    }

    /// Properties of the sink that are wrong, put over those that are right, and all keys that are to be blamed.
    #[must_use]
    pub fn broken<const N: usize, const M: usize>(mut self, properties: [(&str, &str); N], keys: [&str; M]) -> Self {
        self.broken.push((strings(properties), keys.map(str::to_owned).to_vec()));
        self
    }

    /// The system does not tell in which order records came.
    #[must_use]
    pub fn unordered(mut self) -> Self {
        self.ordered = false;
        self
    }

    /// The sink promises that a record is there once, however often it is put.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}

pub(in super::super) fn strings<K: Into<String>, V: Into<String>>(
    properties: impl IntoIterator<Item = (K, V)>,
) -> BTreeMap<String, String> {
    properties.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

impl<C: SinkConnector, A> fmt::Debug for SinkHarness<C, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkHarness").field("connector", &C::NAME).finish_non_exhaustive()
    }
}

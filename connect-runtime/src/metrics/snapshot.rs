//! All numbers of a worker at one time.

use std::sync::Arc;

use super::families::Family;
use super::histogram::Histogram;

/// Names and values of labels, in the order of the family's.
pub(crate) type Labels = Arc<[(&'static str, Arc<str>)]>;

/// What a metric said.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reading {
    /// A counter or a gauge; not a number where there is nothing to take an average or a maximum of.
    Number(f64),
    /// Counts by length of time.
    Histogram(Box<Histogram>),
}

/// A metric with values for its labels, and what it said.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Which metric.
    pub family: &'static Family,
    pub(super) labels: Labels,
    /// What it said.
    pub reading: Reading,
}

impl Sample {
    /// Its labels in order.
    pub fn labels(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.labels.iter().map(|(name, value)| (*name, &**value))
    }

    fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels.iter().all(|wanted| self.labels().any(|label| label == *wanted))
    }
}

/// What all metrics of a worker said at one time, in the order of [`FAMILIES`](super::FAMILIES).
#[derive(Debug, Clone, Default)]
pub struct MetricsSnapshot {
    pub(super) samples: Vec<Sample>,
}

impl MetricsSnapshot {
    /// Everything.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The first number of a metric that has these labels, maybe among others.
    #[must_use]
    pub fn number(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.samples.iter().filter(|sample| sample.family.name == name && sample.has(labels)).find_map(|sample| {
            match sample.reading {
                Reading::Number(number) => Some(number),
                Reading::Histogram(_) => None,
            }
        })
    }

    /// The first histogram of a metric that has these labels, maybe among others.
    #[must_use]
    pub fn histogram(&self, name: &str, labels: &[(&str, &str)]) -> Option<&Histogram> {
        self.samples.iter().filter(|sample| sample.family.name == name && sample.has(labels)).find_map(|sample| {
            match &sample.reading {
                Reading::Number(_) => None,
                Reading::Histogram(histogram) => Some(&**histogram),
            }
        })
    }
}

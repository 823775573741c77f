//! What a worker measures, as numbers in the process and as text for Prometheus.

mod collect;
mod families;
mod histogram;
mod render;
mod snapshot;
mod task;
mod window;
mod worker;

pub(crate) use collect::Collect;
pub use families::{FAMILIES, Family, Kind};
pub use histogram::Histogram;
pub use snapshot::{MetricsSnapshot, Reading, Sample};
pub(crate) use task::{Committed, Measure, Run, TaskMetrics};
pub(crate) use window::Windows;
pub(crate) use worker::WorkerMetrics;

//! What benches share: CPU time, work for our client, and a connector on each side that costs next to nothing itself.

mod client;
mod cpu;
mod generator;
mod sink;
mod time;
mod transforms;

pub use client::{consume, produce};
pub use cpu::{Cost, cost};
pub use generator::{Generator, GeneratorTask};
pub use sink::{Discard, DiscardTask};
pub use time::{monotonic, since_boot, wall_clock};
pub use transforms::{Drop7, Retime, Route};

/// The README's code, which is compiled and run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

#![doc = include_str!("../README.md")]

mod hoist_field;
mod operand;
mod plans;

pub use hoist_field::{HoistField, HoistFieldConfig};
pub use operand::{Key, Operand, Value};

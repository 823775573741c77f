//! Tests that every connector should pass.
//!
//! A connector's author makes a harness, which says how to configure the connector and what arrived in its system
//! ([`SinkHarness`](sink::SinkHarness)) or how to put something there ([`SourceHarness`](source::SourceHarness)), and
//! runs [`sink::all`] or [`source::all`]. Each rule is a function of its own as well, for a connector that
//! cannot keep one, and to see one alone. A connector that breaks a rule makes the test panic with the rule's name,
//! what was seen, and what it means.
//!
//! Run them with a paused clock.

#![expect(clippy::future_not_send, reason = "a harness lives in the test that made it")]

pub mod sink;
pub mod source;

mod report;
mod script;

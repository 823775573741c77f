//! What goes wrong.

use std::time::Duration;

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The answer comes later.
    Delay(Duration),
    /// The connection is reset before anything is done.
    Reset,
    /// The connection is reset after so many bytes of a body that is longer.
    ResetInBody(usize),
    /// It is done, and the connection is reset in the middle of the answer.
    ResetInReply,
    /// It is done, and the answer never comes to its end.
    Drip,
    /// Nothing is done, and this is the answer.
    Status(u16, String),
    /// Nothing is done, and this is the answer, with a wish when to come again.
    RetryAfter(u16, u64),
    /// It is done, and this is the answer.
    Nonsense(String),
    /// Actions of these positions are refused with this status and type; the others are done.
    Items(Vec<usize>, u16, &'static str),
    /// Bodies of more than so many bytes are refused.
    Limit(usize),
    /// A body with this text in it is refused as a whole.
    Poison(&'static str),
}

//! Values as JSON, straight into the buffer of a request.

mod moment;
mod text;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use text::string;
pub(crate) use write::Writer;

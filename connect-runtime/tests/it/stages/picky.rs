//! Plugins that refuse bad texts, as long as a test wants them to.

use std::cell::RefCell;

use bytes::{Bytes, BytesMut};
use connect_api::{
    Converter, ConverterKind, ConverterPlugin, Datum, Error, Flow, HeaderConverter, HeaderConverterPlugin, RawHeaders,
    Record, Result, Transform, TransformPlugin, Value, Written,
};
use tokio::time::Instant;

/// What the picky parts do with bad texts.
#[derive(Default)]
pub(super) struct Mood {
    /// How often they still fail.
    pub(super) left: usize,
    pub(super) retriable: bool,
    /// Whether the sink is picky too.
    pub(super) put: bool,
    pub(super) tried: Vec<Instant>,
}

thread_local! {
    // Plugins are made of strings alone, and a test has a thread for itself.
    pub(super) static MOOD: RefCell<Mood> = RefCell::default();
}

pub(super) fn mood(mood: Mood) {
    MOOD.set(mood);
}

/// An error for a bad text, while the mood is so.
pub(super) fn judge(text: &str) -> Result<()> {
    if !text.starts_with("bad") {
        return Ok(());
    }
    MOOD.with_borrow_mut(|mood| {
        mood.tried.push(Instant::now());
        if mood.left == 0 {
            return Ok(());
        }
        mood.left -= 1;
        Err(if mood.retriable { Error::retriable("not now") } else { Error::data("no such thing") })
    })
}

fn write(datum: &Datum, out: &mut BytesMut) -> Result<Written> {
    let Some(text) = datum.value.as_str() else { return Ok(Written::Null) };
    judge(text)?;
    out.extend_from_slice(text.as_bytes());
    Ok(Written::Bytes)
}

fn read(bytes: Option<&Bytes>) -> Result<Datum> {
    let Some(bytes) = bytes else { return Ok(Datum::NULL) };
    let text = std::str::from_utf8(bytes).unwrap();
    judge(text)?;
    Ok(Value::from(text).into())
}

connect_api::config! {
    /// None.
    pub struct Nothing {}
}

pub(super) struct Picky;

impl Converter for Picky {
    fn write(&self, _: &str, _: &mut RawHeaders, datum: &Datum, out: &mut BytesMut) -> Result<Written> {
        write(datum, out)
    }

    fn read(&self, _: &str, _: &RawHeaders, bytes: Option<&Bytes>) -> Result<Datum> {
        read(bytes)
    }
}

impl ConverterPlugin for Picky {
    const NAME: &'static str = "com.example.PickyConverter";
    type Config = Nothing;

    fn new(_: Nothing, _: ConverterKind) -> Result<Self> {
        Ok(Self)
    }
}

pub(super) struct PickyHeaders;

impl HeaderConverter for PickyHeaders {
    fn write(&self, _: &str, _: &str, value: &Datum, out: &mut BytesMut) -> Result<Written> {
        write(value, out)
    }

    fn read(&self, _: &str, _: &str, bytes: Option<&Bytes>) -> Result<Datum> {
        read(bytes)
    }
}

impl HeaderConverterPlugin for PickyHeaders {
    const NAME: &'static str = "com.example.PickyHeaderConverter";
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self> {
        Ok(Self)
    }
}

pub(super) struct PickyTransform;

impl Transform for PickyTransform {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        judge(record.value.value.as_str().unwrap()).map(|()| Flow::Keep)
    }
}

impl TransformPlugin for PickyTransform {
    const NAME: &'static str = "com.example.PickyTransform";
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self> {
        Ok(Self)
    }
}

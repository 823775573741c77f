//! Replaces text by its hash.

use std::fmt::Write as _;
use std::marker::PhantomData;

use connect_api::{Deserialize, Error, Flow, JsonSchema, Record, Result, Serialize, Transform, Type, Value as Data};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::operand::{Operand, on_key_and_value};

connect_api::config! {
    /// Configuration of [`Hash`].
    #[derive(Clone)]
    pub struct HashConfig {
        /// Name of the field to hash; the whole key or value when absent.
        #[serde(rename = "field.name")]
        #[schemars(extend("x-verbatim" = true))]
        pub field_name: Option<String>,
        /// Whether a record without the field, or with null in it, passes as it is, instead of failing.
        #[serde(rename = "skip.missing.or.null", default)]
        pub skip_missing_or_null: bool,
        /// The hash function.
        pub function: HashFunction,
    }
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
#[expect(missing_docs, reason = "the names say it")]
pub enum HashFunction {
    Md5,
    Sha1,
    Sha256,
}

impl HashFunction {
    fn hex(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha1 => hex(&Sha1::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Replaces a string, a field's or the whole key or value, by the hexadecimal digits of its hash.
///
/// It is for data with a schema; other data fails.
#[derive(Debug)]
pub struct Hash<O> {
    field: Option<String>,
    skip: bool,
    function: HashFunction,
    operand: PhantomData<O>,
}

on_key_and_value!(Hash, HashConfig, "io.aiven.kafka.connect.transforms.Hash");

impl<O> Hash<O> {
    fn configured(config: HashConfig) -> Result<Self> {
        let field = config.field_name.filter(|name| !name.is_empty());
        Ok(Self { field, skip: config.skip_missing_or_null, function: config.function, operand: PhantomData })
    }
}

impl<O: Operand> Transform for Hash<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        let expected = if self.field.is_some() { Type::Struct } else { Type::String };
        let Some(schema) = &datum.schema else {
            let found = datum.value.kind();
            return Err(Error::data(format!(
                "the {} has no schema: {found} was found, a {expected} with a schema was expected",
                O::PART
            )));
        };
        if schema.ty() != expected {
            return Err(Error::data(format!("the {} is {schema}, {expected} was expected", O::PART)));
        }
        let Some(name) = &self.field else {
            match &datum.value {
                Data::String(text) => datum.value = self.function.hex(text).into(),
                _ if self.skip => {}
                other => {
                    return Err(Error::data(format!("the {} is {}, a string was expected", O::PART, other.kind())));
                }
            }
            return Ok(Flow::Keep);
        };
        let Data::Struct(structure) = &mut datum.value else {
            return Err(Error::data(format!("the {} is null, a struct was expected", O::PART)));
        };
        match structure.schema().field(name) {
            None if self.skip => return Ok(Flow::Keep),
            None => return Err(Error::data(format!("the {} has no field {name:?}", O::PART))),
            Some(field) if field.schema.ty() != Type::String => {
                return Err(Error::data(format!("field {name:?} is {}, a string was expected", field.schema)));
            }
            Some(field) => match &structure.values()[field.index] {
                Data::String(text) => {
                    let hash = self.function.hex(text);
                    structure.set(name, hash)?;
                }
                _ if self.skip => {}
                _ => return Err(Error::data(format!("field {name:?} is null, a string was expected"))),
            },
        }
        Ok(Flow::Keep)
    }
}

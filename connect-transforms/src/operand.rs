//! What a transform works on: a record's key or its value.

use std::fmt;

use connect_api::{Datum, Record};

/// The part of a record that a transform works on: [`Key`] or [`Value`].
pub trait Operand: fmt::Debug + Send + Sync + 'static {
    /// `key` or `value`, for messages.
    const PART: &'static str;

    /// The part.
    fn of(record: &Record) -> &Datum;

    /// The part, to change it.
    fn of_mut(record: &mut Record) -> &mut Datum;
}

/// A record's key: the transforms whose Java name ends in `$Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key;

/// A record's value: the transforms whose Java name ends in `$Value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value;

impl Operand for Key {
    const PART: &'static str = "key";

    fn of(record: &Record) -> &Datum {
        &record.key
    }

    fn of_mut(record: &mut Record) -> &mut Datum {
        &mut record.key
    }
}

impl Operand for Value {
    const PART: &'static str = "value";

    fn of(record: &Record) -> &Datum {
        &record.value
    }

    fn of_mut(record: &mut Record) -> &mut Datum {
        &mut record.value
    }
}

/// Makes `$transform<Key>` and `$transform<Value>` plugins of the Java class `$class`. The transform has
/// `fn configured(config: $config) -> Result<Self>`.
macro_rules! on_key_and_value {
    ($transform:ident, $config:ident, $class:literal) => {
        $crate::operand::on_key_and_value!($transform<Key>, $config, concat!($class, "$Key"));
        $crate::operand::on_key_and_value!($transform<Value>, $config, concat!($class, "$Value"));
    };
    ($transform:ident<$part:ident>, $config:ident, $name:expr) => {
        impl connect_api::TransformPlugin for $transform<$crate::operand::$part> {
            const NAME: &'static str = $name;
            type Config = $config;

            fn new(config: $config) -> connect_api::Result<Self> {
                Self::configured(config)
            }
        }
    };
}

pub(crate) use on_key_and_value;

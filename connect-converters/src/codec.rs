//! What most converters are: a codec that looks neither at topics nor at other headers.

use bytes::{Bytes, BytesMut};
use connect_api::{Datum, Result, Written};

/// Between data and bytes; [`converter!`] makes a converter and a header converter of it.
pub(crate) trait Codec {
    /// Appends the bytes of the datum.
    fn encode(&self, datum: &Datum, out: &mut BytesMut) -> Result<Written>;

    /// Reads them back.
    fn decode(&self, bytes: Option<&Bytes>) -> Result<Datum>;
}

/// Makes a [`Codec`] with a `make(config) -> Result<Self>` both kinds of converter, by Connect's names.
macro_rules! converter {
    ($converter:ty, $config:ty, $name:literal, $aliases:expr) => {
        impl connect_api::Converter for $converter {
            fn write(
                &self,
                _topic: &str,
                _headers: &mut connect_api::RawHeaders,
                datum: &connect_api::Datum,
                out: &mut bytes::BytesMut,
            ) -> connect_api::Result<connect_api::Written> {
                $crate::codec::Codec::encode(self, datum, out)
            }

            fn read(
                &self,
                _topic: &str,
                _headers: &connect_api::RawHeaders,
                bytes: Option<&bytes::Bytes>,
            ) -> connect_api::Result<connect_api::Datum> {
                $crate::codec::Codec::decode(self, bytes)
            }
        }

        impl connect_api::ConverterPlugin for $converter {
            const NAME: &'static str = $name;
            const ALIASES: &'static [&'static str] = &$aliases;
            type Config = $config;

            fn new(config: $config, _kind: connect_api::ConverterKind) -> connect_api::Result<Self> {
                Self::make(config)
            }
        }

        $crate::codec::header_converter!($converter, $config, $name, $aliases);
    };
}

/// Makes a [`Codec`] with a `make(config) -> Result<Self>` a header converter.
macro_rules! header_converter {
    ($converter:ty, $config:ty, $name:literal, $aliases:expr) => {
        impl connect_api::HeaderConverter for $converter {
            fn write(
                &self,
                _topic: &str,
                _key: &str,
                value: &connect_api::Datum,
                out: &mut bytes::BytesMut,
            ) -> connect_api::Result<connect_api::Written> {
                $crate::codec::Codec::encode(self, value, out)
            }

            fn read(
                &self,
                _topic: &str,
                _key: &str,
                bytes: Option<&bytes::Bytes>,
            ) -> connect_api::Result<connect_api::Datum> {
                $crate::codec::Codec::decode(self, bytes)
            }
        }

        impl connect_api::HeaderConverterPlugin for $converter {
            const NAME: &'static str = $name;
            const ALIASES: &'static [&'static str] = &$aliases;
            type Config = $config;

            fn new(config: $config) -> connect_api::Result<Self> {
                Self::make(config)
            }
        }
    };
}

pub(crate) use {converter, header_converter};

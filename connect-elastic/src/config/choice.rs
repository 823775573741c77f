//! Choices among words, which operators may write in any case.

/// Declares an enum of words: read in any case, shown in upper case as Kafka Connect's connectors do, offered in lower
/// case.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
        }

        impl $name {
            const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word that stands for it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.word().to_ascii_uppercase())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                match text.to_ascii_lowercase().as_str() {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(serde::de::Error::custom(format!("expected one of {}", Self::WORDS.join(", ")))),
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": Self::WORDS, "x-any-case": true })
            }
        }
    };
}

choice! {
    /// Which resources made by somebody else are written to.
    ExternalResource {
        /// None: indices and data streams are made when they are first needed.
        #[default]
        Disabled = "disabled",
        /// Indices.
        Index = "index",
        /// Data streams.
        Datastream = "datastream",
        /// Aliases of indices.
        AliasIndex = "alias_index",
        /// Aliases of data streams.
        AliasDatastream = "alias_datastream",
    }
}

choice! {
    /// What a record without a value means.
    NullBehavior {
        /// Nothing: it is skipped.
        Ignore = "ignore",
        /// Delete the document.
        Delete = "delete",
        /// It is a bad record.
        #[default]
        Fail = "fail",
    }
}

choice! {
    /// What becomes of a record that the server, or a stored newer version, refuses.
    Refused {
        /// It is skipped and reported.
        Ignore = "ignore",
        /// It is skipped and reported, with a warning.
        Warn = "warn",
        /// It is reported, and `errors.tolerance` decides; without a dead letter queue or error log the task fails.
        Report = "report",
        /// It is reported, and the task fails.
        #[default]
        Fail = "fail",
    }
}

choice! {
    /// How documents are written.
    WriteMethod {
        /// Replace what is there.
        #[default]
        Insert = "insert",
        /// Merge into what is there.
        Upsert = "upsert",
        /// Let a script change what is there; the document is the parameter `doc`.
        ScriptedUpsert = "scripted_upsert",
    }
}

choice! {
    /// Whether the settings of TLS below `elastic.https.` are used.
    SecurityProtocol {
        /// They are not; an `https` URL is TLS all the same, with the machine's own roots.
        #[default]
        Plaintext = "plaintext",
        /// They are.
        Ssl = "ssl",
    }
}

choice! {
    /// What routes a document to its shard.
    Routing {
        /// Its id.
        #[default]
        None = "none",
        /// The record's key.
        Key = "key",
        /// A field of the value.
        Value = "value",
    }
}

choice! {
    /// Where the version of a document comes from.
    VersionType {
        /// The record's offset.
        #[default]
        Offset = "offset",
        /// A header.
        Header = "header",
        /// A field of the value.
        Field = "field",
        /// The record's timestamp.
        Timestamp = "timestamp",
        /// There is none: the last write wins.
        None = "none",
    }
}

choice! {
    /// How decimals are written.
    DecimalFormat {
        /// The nearest double, as a number.
        #[default]
        Double = "double",
        /// All digits, as a string.
        String = "string",
        /// All digits, as a number.
        Numeric = "numeric",
        /// The unscaled bytes.
        Base64 = "base64",
    }
}

choice! {
    /// How dates, times and timestamps are written.
    DateFormat {
        /// Days, milliseconds of the day, milliseconds since 1970.
        #[default]
        Legacy = "legacy",
        /// Milliseconds since 1970 throughout.
        EpochMillis = "epoch_millis",
        /// ISO 8601 text.
        Iso = "iso",
    }
}

choice! {
    /// Which id a document has when the record's key is ignored.
    IdStrategy {
        /// The server makes one.
        None = "none",
        /// The key all the same.
        RecordKey = "record.key",
        /// Topic, partition and offset.
        #[default]
        TopicPartitionOffset = "topic.partition.offset",
    }
}

choice! {
    /// Which resources made by somebody else are written to, in the words of the OpenSearch connector.
    ExistingResource {
        /// None.
        #[default]
        None = "none",
        /// Indices.
        Index = "index",
        /// Data streams.
        DataStream = "data_stream",
        /// Aliases of indices.
        IndexAlias = "index_alias",
        /// Aliases of data streams.
        DataStreamAlias = "data_stream_alias",
    }
}

//! Keys with a fixed set of texts, which Kafka Connect's JDBC connectors read in lower and in upper case.

/// Declares an enum whose texts match in any case. Its documentation lists them, an error too.
macro_rules! choice {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            const TEXTS: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),+];

            /// As it stands in a configuration.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl ::connect_api::Serialize for $name {
            fn serialize<S: ::connect_api::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text())
            }
        }

        impl<'de> ::connect_api::Deserialize<'de> for $name {
            fn deserialize<D: ::connect_api::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as ::connect_api::Deserialize>::deserialize(deserializer)?;
                let found = Self::TEXTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(text.trim()));
                found.map(|(_, value)| *value).ok_or_else(|| {
                    let known: Vec<_> = Self::TEXTS.iter().map(|(known, _)| *known).collect();
                    ::connect_api::serde::de::Error::custom(format!("expected one of {}", known.join(", ")))
                })
            }
        }

        impl ::connect_api::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::connect_api::schemars::SchemaGenerator) -> ::connect_api::schemars::Schema {
                // All of them in lower and in upper case, as the Java connectors take them.
                let mut texts: Vec<String> =
                    Self::TEXTS.iter().flat_map(|(text, _)| [text.to_lowercase(), text.to_uppercase()]).collect();
                texts.dedup();
                ::connect_api::schemars::json_schema!({
                    "type": "string",
                    "enum": texts,
                    "x-recommended": [$($text),+]
                })
            }
        }
    };
}

pub(crate) use choice;

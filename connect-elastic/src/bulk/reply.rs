//! What servers answer.

use memchr::memmem;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::client::HEAD;

/// The answer to a bulk request, as far as it is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct BulkReply {
    pub(super) errors: bool,
    #[serde(default)]
    pub(super) items: Vec<Item>,
}

/// What became of one action.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) status: u16,
    pub(super) error: Option<ItemError>,
    /// The document went to the failure store instead of its data stream.
    pub(super) diverted: bool,
}

/// Why an action failed, in the server's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct ItemError {
    #[serde(rename = "type", default, deserialize_with = "text")]
    pub(crate) kind: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) caused_by: Option<Box<ItemError>>,
}

/// A cause may have no reason: null.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Fields {
    status: u16,
    error: Option<ItemError>,
    failure_store: Option<String>,
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Item;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of one action")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
                let mut item = Item::default();
                // The action's name is known already.
                if let Some((_, fields)) = map.next_entry::<IgnoredAny, Fields>()? {
                    let diverted = matches!(fields.failure_store.as_deref(), Some("used"));
                    item = Item { status: fields.status, error: fields.error, diverted };
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(item)
            }
        }
        deserializer.deserialize_map(One)
    }
}

/// What an answer has near its beginning when no document failed.
pub(super) const ALL_WELL: &[u8] = b"\"errors\":false";

impl BulkReply {
    /// Whether the answer says that all went well. Its middle may be missing.
    pub(super) fn is_all_well(body: &[u8]) -> bool {
        let head = &body[..body.len().min(HEAD)];
        memmem::find(head, ALL_WELL).is_some()
            && body.ends_with(b"}")
            && memmem::find(body, b"\"failure_store\":\"used\"").is_none()
    }

    pub(super) fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }
}

/// Why a whole request was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CallError {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) reason: String,
}

impl CallError {
    /// Reads the body of an answer that is no success. Servers answer in three forms, proxies in any.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Body {
            error: Said,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Said {
            Full(ItemError),
            Text(String),
        }
        match serde_json::from_slice::<Body>(body) {
            Ok(Body { error: Said::Full(error) }) => Self { status, kind: error.kind, reason: error.reason },
            Ok(Body { error: Said::Text(reason) }) => Self { status, kind: String::new(), reason },
            Err(_) => Self { status, ..Self::default() },
        }
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "status {}", self.status)?;
        if !self.kind.is_empty() {
            write!(f, " {}", self.kind)?;
        }
        Ok(())
    }
}

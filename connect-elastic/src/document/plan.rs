//! What is known of a topic before its first record is looked at.

use std::sync::Arc;

use bytes::BytesMut;
use connect_api::{Error, Result};

use super::names;
use crate::config::{DocumentSettings, Target, TargetKind};
use crate::json::string;

/// Where the records of a topic go, and which switches hold for them.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) topic: Arc<str>,
    /// Index, data stream or alias. Each document that is under way has a copy, so it is as thin as can be.
    pub(crate) index: Arc<String>,
    /// The same as JSON.
    pub(super) index_json: BytesMut,
    pub(crate) use_key: bool,
    pub(crate) ignore_schema: bool,
}

impl Plan {
    /// The plan of a topic.
    ///
    /// # Errors
    /// A fatal error when the topic has no resource although all must have one.
    pub(crate) fn of(topic: &Arc<str>, target: &Target, documents: &DocumentSettings) -> Result<Self> {
        let index = match target.indices.get(&**topic) {
            Some(index) => index.clone(),
            None => match &target.kind {
                TargetKind::Index => names::index(topic, target.colons),
                TargetKind::Stream { start, namespace } => names::stream(start, namespace, topic),
                TargetKind::PrefixedStream { prefix, .. } => {
                    let name = names::index(topic, target.colons);
                    prefix.as_ref().map_or(name.clone(), |prefix| format!("{prefix}-{name}"))
                }
                TargetKind::External { names, .. } => names.get(&**topic).cloned().ok_or_else(|| {
                    let known: Vec<&str> = names.keys().map(String::as_str).collect();
                    Error::fatal(format!("topic {topic:?} is mapped to no resource; mapped: {}", known.join(", ")))
                })?,
            },
        };
        if index.is_empty() {
            return Err(Error::fatal(format!(
                "topic {topic:?} gives no name of an index; name one in topic.index.map"
            )));
        }
        let mut index_json = BytesMut::new();
        string(&index, &mut index_json);
        Ok(Self {
            topic: Arc::clone(topic),
            index: Arc::new(index),
            index_json,
            use_key: !documents.ignore_key && !documents.ignore_key_topics.contains(&**topic),
            ignore_schema: documents.ignore_schema || documents.ignore_schema_topics.contains(&**topic),
        })
    }
}

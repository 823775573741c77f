//! What a broker speaks.

use std::collections::BTreeMap;

use kafka_protocol::messages::ApiVersionsResponse;
use kafka_protocol::protocol::VersionRange;

use super::api::Api;
use crate::{BrokerError, Code, Result};

/// Versions of each request that a broker understands.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(BTreeMap<i16, VersionRange>);

impl Versions {
    pub(super) fn of(response: &ApiVersionsResponse) -> Self {
        let range = |min, max| VersionRange { min, max };
        Self(response.api_keys.iter().map(|key| (key.api_key, range(key.min_version, key.max_version))).collect())
    }

    /// The newest version that both sides speak.
    pub(super) fn choose<R: Api>(&self) -> Result<i16> {
        let Some(theirs) = self.0.get(&R::KEY) else {
            return Err(unsupported::<R>("the broker does not have it".into()));
        };
        let common = R::SPOKEN.intersect(theirs);
        if common.is_empty() {
            let (ours, theirs) = (R::SPOKEN, theirs);
            let text = format!(
                "this client speaks versions {} to {}, the broker {} to {}",
                ours.min, ours.max, theirs.min, theirs.max
            );
            return Err(unsupported::<R>(text));
        }
        Ok(common.max)
    }
}

fn unsupported<R: Api>(why: String) -> BrokerError {
    BrokerError::new(Code::UnsupportedVersion, format!("cannot ask for {}: {why}", R::NAME))
}

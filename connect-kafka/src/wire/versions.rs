//! What a broker speaks.

use std::collections::BTreeMap;

use kafka_protocol::messages::{ApiVersionsResponse, EndTxnRequest};
use kafka_protocol::protocol::{Request, VersionRange};

use super::api::Api;
use crate::{BrokerError, Code, Result};

/// Versions of each request that a broker understands.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(BTreeMap<i16, VersionRange>);

impl Versions {
    pub(super) fn of(response: &ApiVersionsResponse) -> Self {
        let range = |min, max| VersionRange { min, max };
        let mut all: BTreeMap<_, _> =
            response.api_keys.iter().map(|key| (key.api_key, range(key.min_version, key.max_version))).collect();
        if let Some(ends) = all.get_mut(&EndTxnRequest::KEY).filter(|_| !bumps_epochs(response)) {
            ends.max = ends.max.min(LAST_WITHOUT_BUMP);
        }
        Self(all)
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

/// The last version of EndTxn that leaves the producer's epoch as it is.
const LAST_WITHOUT_BUMP: i16 = 4;

/// Whether the cluster as a whole has been told to end a producer's epoch with each transaction (KIP-890); brokers
/// speak the version for it before that.
fn bumps_epochs(response: &ApiVersionsResponse) -> bool {
    let is_on = |level: i16| level >= 2;
    let mut features = response.finalized_features.iter();
    features.any(|feature| &*feature.name == "transaction.version" && is_on(feature.max_version_level))
}

fn unsupported<R: Api>(why: String) -> BrokerError {
    BrokerError::new(Code::UnsupportedVersion, format!("cannot ask for {}: {why}", R::NAME))
}

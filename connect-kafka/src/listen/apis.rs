//! The calls that are answered, in which versions, and how their requests are laid out.
//!
//! Versions end where a request or an answer would need what an embedded broker does not have: topic ids, fetch
//! sessions by topic id, transactions in which partitions need not be added.

use kafka_protocol::messages::ApiKey;

use super::schema::Kind::{Blob, Fixed, List, Many, Text};
use super::schema::{Field, Fields, all, since, until};

/// One call.
pub(super) struct Supported {
    pub(super) key: ApiKey,
    pub(super) min: i16,
    pub(super) max: i16,
    /// First version with compact lengths and tagged fields.
    pub(super) flexible: i16,
    pub(super) fields: Fields,
}

impl Supported {
    /// The call of this number.
    pub(super) fn find(key: i16) -> Option<&'static Self> {
        APIS.iter().find(|api| api.key as i16 == key)
    }

    pub(super) fn has(&self, version: i16) -> bool {
        (self.min..=self.max).contains(&version)
    }
}

const fn api(key: ApiKey, min: i16, max: i16, flexible: i16, fields: Fields) -> Supported {
    Supported { key, min, max, flexible, fields }
}

const NEVER: i16 = i16::MAX;
const NUMBERS: Field = all(List(&Fixed(4)));
const TEXT: Field = all(Text);
/// Topic and partition numbers.
const PARTITIONS: Fields = &[TEXT, NUMBERS];

pub(super) const APIS: [Supported; 27] = [
    api(ApiKey::Produce, 3, 11, 9, &[TEXT, all(Fixed(6)), all(Many(&[TEXT, all(Many(&[all(Fixed(4)), all(Blob)]))]))]),
    api(ApiKey::Fetch, 4, 12, 12, FETCH),
    api(ApiKey::ListOffsets, 1, 6, 6, LIST_OFFSETS),
    api(ApiKey::Metadata, 0, 9, 9, &[all(Many(&[TEXT])), since(4, Fixed(1)), since(8, Fixed(1)), since(8, Fixed(1))]),
    api(ApiKey::OffsetCommit, 2, 8, 8, OFFSET_COMMIT),
    api(ApiKey::OffsetFetch, 1, 7, 6, &[TEXT, all(Many(PARTITIONS)), since(7, Fixed(1))]),
    api(ApiKey::FindCoordinator, 0, 3, 3, &[TEXT, since(1, Fixed(1))]),
    api(ApiKey::JoinGroup, 0, 9, 6, JOIN_GROUP),
    api(ApiKey::Heartbeat, 0, 4, 4, &[TEXT, all(Fixed(4)), TEXT, since(3, Text)]),
    api(ApiKey::LeaveGroup, 0, 5, 4, &[TEXT, until(2, Text), since(3, Many(&[TEXT, TEXT, since(5, Text)]))]),
    api(
        ApiKey::SyncGroup,
        0,
        5,
        4,
        &[TEXT, all(Fixed(4)), TEXT, since(3, Text), since(5, Text), since(5, Text), all(Many(&[TEXT, all(Blob)]))],
    ),
    api(ApiKey::DescribeGroups, 0, 5, 5, &[all(List(&Text)), since(3, Fixed(1))]),
    api(ApiKey::ListGroups, 0, 5, 3, &[since(4, List(&Text)), since(5, List(&Text))]),
    api(ApiKey::ApiVersions, 0, 4, 3, &[since(3, Text), since(3, Text)]),
    api(ApiKey::CreateTopics, 2, 6, 5, CREATE_TOPICS),
    api(ApiKey::DeleteTopics, 1, 5, 4, &[all(List(&Text)), all(Fixed(4))]),
    api(ApiKey::DeleteRecords, 0, 2, 2, &[all(Many(&[TEXT, all(Many(&[all(Fixed(12))]))])), all(Fixed(4))]),
    api(ApiKey::InitProducerId, 0, 5, 2, &[TEXT, all(Fixed(4)), since(3, Fixed(10))]),
    api(ApiKey::OffsetForLeaderEpoch, 2, 4, 4, OFFSET_FOR_LEADER_EPOCH),
    api(ApiKey::AddPartitionsToTxn, 0, 3, 3, &[TEXT, all(Fixed(10)), all(Many(PARTITIONS))]),
    api(ApiKey::AddOffsetsToTxn, 0, 4, 3, &[TEXT, all(Fixed(10)), TEXT]),
    api(ApiKey::EndTxn, 0, 4, 3, &[TEXT, all(Fixed(11))]),
    api(ApiKey::TxnOffsetCommit, 0, 4, 3, TXN_OFFSET_COMMIT),
    api(
        ApiKey::DescribeConfigs,
        1,
        4,
        4,
        &[all(Many(&[all(Fixed(1)), TEXT, all(List(&Text))])), all(Fixed(1)), since(3, Fixed(1))],
    ),
    api(ApiKey::DeleteGroups, 0, 2, 2, &[all(List(&Text))]),
    api(ApiKey::OffsetDelete, 0, 0, NEVER, &[TEXT, all(Many(&[TEXT, all(Many(&[all(Fixed(4))]))]))]),
    api(ApiKey::DescribeCluster, 0, 1, 0, &[all(Fixed(1)), since(1, Fixed(1))]),
];

const FETCH: Fields = &[
    all(Fixed(17)),
    since(7, Fixed(8)),
    all(Many(&[
        TEXT,
        all(Many(&[
            all(Fixed(4)),
            since(9, Fixed(4)),
            all(Fixed(8)),
            since(12, Fixed(4)),
            since(5, Fixed(8)),
            all(Fixed(4)),
        ])),
    ])),
    since(7, Many(PARTITIONS)),
    since(11, Text),
];

const LIST_OFFSETS: Fields = &[
    all(Fixed(4)),
    since(2, Fixed(1)),
    all(Many(&[TEXT, all(Many(&[all(Fixed(4)), since(4, Fixed(4)), all(Fixed(8))]))])),
];

const OFFSET_COMMIT: Fields = &[
    TEXT,
    all(Fixed(4)),
    TEXT,
    since(7, Text),
    until(4, Fixed(8)),
    all(Many(&[TEXT, all(Many(&[all(Fixed(12)), since(6, Fixed(4)), TEXT]))])),
];

const JOIN_GROUP: Fields = &[
    TEXT,
    all(Fixed(4)),
    since(1, Fixed(4)),
    TEXT,
    since(5, Text),
    TEXT,
    all(Many(&[TEXT, all(Blob)])),
    since(8, Text),
];

const CREATE_TOPICS: Fields =
    &[all(Many(&[TEXT, all(Fixed(6)), all(Many(&[all(Fixed(4)), NUMBERS])), all(Many(&[TEXT, TEXT]))])), all(Fixed(5))];

const OFFSET_FOR_LEADER_EPOCH: Fields = &[since(3, Fixed(4)), all(Many(&[TEXT, all(Many(&[all(Fixed(12))]))]))];

const TXN_OFFSET_COMMIT: Fields = &[
    TEXT,
    TEXT,
    all(Fixed(10)),
    since(3, Fixed(4)),
    since(3, Text),
    since(3, Text),
    all(Many(&[TEXT, all(Many(&[all(Fixed(12)), since(2, Fixed(4)), TEXT]))])),
];

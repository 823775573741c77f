//! Which requests are sent, and in which versions.

use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, ApiVersionsRequest, CreateTopicsRequest, DeleteGroupsRequest,
    DeleteTopicsRequest, DescribeConfigsRequest, EndTxnRequest, FetchRequest, FindCoordinatorRequest, HeartbeatRequest,
    InitProducerIdRequest, JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest, ListOffsetsRequest, MetadataRequest,
    OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest, ProduceRequest, SaslAuthenticateRequest,
    SaslHandshakeRequest, SyncGroupRequest, TxnOffsetCommitRequest,
};
use kafka_protocol::protocol::{Request, VersionRange};

/// A request this client sends.
pub(super) trait Api: Request<Response: Send> + Send + Sync {
    /// Name in errors.
    const NAME: &'static str;
    /// Versions whose fields this client fills in and understands.
    const SPOKEN: VersionRange;
}

macro_rules! apis {
    ($($request:ident $name:literal $min:literal ..= $max:literal),* $(,)?) => {
        $(
            impl Api for $request {
                const NAME: &'static str = $name;
                const SPOKEN: VersionRange = VersionRange { min: $min, max: $max };
            }
        )*

        /// Calls `$visit!(Request)` for every request.
        #[cfg(test)]
        macro_rules! for_each_api {
            ($visit:ident) => { $( $visit!($request); )* };
        }
        #[cfg(test)]
        pub(super) use for_each_api;
    };
}

// The least versions are those of Kafka 2.3; the greatest ones are the last that name topics instead of
// numbering them, or whose news nobody here needs.
apis! {
    AddOffsetsToTxnRequest "AddOffsetsToTxn" 0..=3,
    AddPartitionsToTxnRequest "AddPartitionsToTxn" 0..=3,
    ApiVersionsRequest "ApiVersions" 0..=3,
    CreateTopicsRequest "CreateTopics" 3..=6,
    DeleteGroupsRequest "DeleteGroups" 0..=2,
    DeleteTopicsRequest "DeleteTopics" 1..=5,
    DescribeConfigsRequest "DescribeConfigs" 1..=4,
    EndTxnRequest "EndTxn" 0..=3,
    FetchRequest "Fetch" 4..=12,
    FindCoordinatorRequest "FindCoordinator" 1..=3,
    HeartbeatRequest "Heartbeat" 3..=4,
    InitProducerIdRequest "InitProducerId" 0..=4,
    JoinGroupRequest "JoinGroup" 5..=7,
    LeaveGroupRequest "LeaveGroup" 3..=4,
    ListGroupsRequest "ListGroups" 0..=3,
    ListOffsetsRequest "ListOffsets" 2..=6,
    MetadataRequest "Metadata" 4..=12,
    OffsetCommitRequest "OffsetCommit" 7..=8,
    OffsetDeleteRequest "OffsetDelete" 0..=0,
    OffsetFetchRequest "OffsetFetch" 3..=7,
    ProduceRequest "Produce" 3..=9,
    SaslAuthenticateRequest "SaslAuthenticate" 0..=1,
    SaslHandshakeRequest "SaslHandshake" 1..=1,
    SyncGroupRequest "SyncGroup" 3..=4,
    TxnOffsetCommitRequest "TxnOffsetCommit" 3..=3,
}

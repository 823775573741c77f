//! Which requests are sent, and in which versions.

use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, ApiVersionsRequest, CreateTopicsRequest, DeleteGroupsRequest,
    DeleteTopicsRequest, DescribeConfigsRequest, EndTxnRequest, FetchRequest, FindCoordinatorRequest, HeartbeatRequest,
    InitProducerIdRequest, JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest, ListOffsetsRequest, MetadataRequest,
    OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest, ProduceRequest, SaslAuthenticateRequest,
    SaslHandshakeRequest, SyncGroupRequest, TxnOffsetCommitRequest,
};
use kafka_protocol::protocol::{Request, VersionRange};

use super::shape::Shape;
use super::shapes;

/// A request this client sends.
pub(super) trait Api: Request<Response: Send> + Send + Sync {
    /// Name in errors.
    const NAME: &'static str;
    /// Versions whose fields this client fills in and understands.
    const SPOKEN: VersionRange;
    /// How replies are laid out.
    const REPLY: Shape;
}

macro_rules! apis {
    ($($request:ident $name:literal $min:literal ..= $max:literal $reply:ident),* $(,)?) => {
        $(
            impl Api for $request {
                const NAME: &'static str = $name;
                const SPOKEN: VersionRange = VersionRange { min: $min, max: $max };
                const REPLY: Shape = shapes::$reply;
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
    AddOffsetsToTxnRequest "AddOffsetsToTxn" 0..=3 ADD_OFFSETS_TO_TXN,
    AddPartitionsToTxnRequest "AddPartitionsToTxn" 0..=3 ADD_PARTITIONS_TO_TXN,
    ApiVersionsRequest "ApiVersions" 0..=3 API_VERSIONS,
    CreateTopicsRequest "CreateTopics" 3..=6 CREATE_TOPICS,
    DeleteGroupsRequest "DeleteGroups" 0..=2 DELETE_GROUPS,
    DeleteTopicsRequest "DeleteTopics" 1..=5 DELETE_TOPICS,
    DescribeConfigsRequest "DescribeConfigs" 1..=4 DESCRIBE_CONFIGS,
    EndTxnRequest "EndTxn" 0..=5 END_TXN,
    FetchRequest "Fetch" 4..=12 FETCH,
    FindCoordinatorRequest "FindCoordinator" 1..=3 FIND_COORDINATOR,
    HeartbeatRequest "Heartbeat" 3..=4 HEARTBEAT,
    InitProducerIdRequest "InitProducerId" 0..=4 INIT_PRODUCER_ID,
    JoinGroupRequest "JoinGroup" 5..=7 JOIN_GROUP,
    LeaveGroupRequest "LeaveGroup" 3..=4 LEAVE_GROUP,
    ListGroupsRequest "ListGroups" 0..=3 LIST_GROUPS,
    ListOffsetsRequest "ListOffsets" 2..=6 LIST_OFFSETS,
    MetadataRequest "Metadata" 4..=12 METADATA,
    OffsetCommitRequest "OffsetCommit" 7..=8 OFFSET_COMMIT,
    OffsetDeleteRequest "OffsetDelete" 0..=0 OFFSET_DELETE,
    OffsetFetchRequest "OffsetFetch" 3..=7 OFFSET_FETCH,
    ProduceRequest "Produce" 3..=9 PRODUCE,
    SaslAuthenticateRequest "SaslAuthenticate" 0..=1 SASL_AUTHENTICATE,
    SaslHandshakeRequest "SaslHandshake" 1..=1 SASL_HANDSHAKE,
    SyncGroupRequest "SyncGroup" 3..=4 SYNC_GROUP,
    TxnOffsetCommitRequest "TxnOffsetCommit" 3..=3 TXN_OFFSET_COMMIT,
}

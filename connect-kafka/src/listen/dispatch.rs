//! From a frame to the handler of its call, and back.

use bytes::Bytes;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion};

use super::connection::{Call, End, encode, parse};
use super::handle::Front;

/// The answer's frame; `None` where the client wants none.
pub(super) async fn answer(front: &Front, frame: Bytes) -> Result<Option<Bytes>, End> {
    let (call, api) = parse(frame)?;
    if !api.has(call.version) {
        return encode(call.correlation, 0, &front.unsupported_version()).map(Some);
    }
    macro_rules! handled {
        ($call:ident: $($key:ident => $handler:ident),* $(,)?) => {
            match $call.key {
                $(ApiKey::$key => {
                    let request = decode(&$call)?;
                    respond(&$call, &front.$handler(&$call, request).await?).map(Some)
                })*
                ApiKey::Produce => {
                    let request: kafka_protocol::messages::ProduceRequest = decode(&$call)?;
                    let wanted = request.acks != 0;
                    let response = front.produce(&$call, request).await?;
                    if wanted { respond(&$call, &response).map(Some) } else { Ok(None) }
                }
                // Every call of the table is above.
                other => Err(End::Garbage(format!("{other:?} is not supported"))),
            }
        };
    }
    handled!(call:
        ApiVersions => api_versions,
        Metadata => metadata,
        Fetch => fetch,
        ListOffsets => list_offsets,
        OffsetForLeaderEpoch => offset_for_leader_epoch,
        FindCoordinator => find_coordinator,
        JoinGroup => join_group,
        SyncGroup => sync_group,
        Heartbeat => heartbeat,
        LeaveGroup => leave_group,
        DescribeGroups => describe_groups,
        ListGroups => list_groups,
        DeleteGroups => delete_groups,
        OffsetCommit => offset_commit,
        OffsetFetch => offset_fetch,
        OffsetDelete => offset_delete,
        CreateTopics => create_topics,
        DeleteTopics => delete_topics,
        DeleteRecords => delete_records,
        DescribeConfigs => describe_configs,
        DescribeCluster => describe_cluster,
        InitProducerId => init_producer_id,
        AddPartitionsToTxn => add_partitions_to_txn,
        AddOffsetsToTxn => add_offsets_to_txn,
        TxnOffsetCommit => txn_offset_commit,
        EndTxn => end_txn,
    )
}

fn decode<T: Decodable>(call: &Call) -> Result<T, End> {
    let malformed = |error| End::Garbage(format!("a malformed {:?} request: {error}", call.key));
    T::decode(&mut call.body.clone(), call.version).map_err(malformed)
}

fn respond<T: Encodable + HeaderVersion>(call: &Call, response: &T) -> Result<Bytes, End> {
    encode(call.correlation, call.version, response)
}

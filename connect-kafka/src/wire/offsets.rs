//! Looking offsets up.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::answer::{missing, refusal};
use super::cluster::Cluster;
use super::metadata::Leader;
use super::node::Lane;
use crate::{Isolation, OffsetSpec, Result, TopicPartition};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

type Wanted = (TopicPartition, OffsetSpec);
/// What one request asks for, with the place of each question.
type Group = BTreeMap<TopicPartition, (usize, OffsetSpec, Leader)>;
type Found = (TopicPartition, Result<i64>);

pub(super) async fn list_offsets(cluster: &Arc<Cluster>, wanted: Vec<Wanted>) -> Result<Vec<Found>> {
    let mut found = look_up(cluster, wanted.clone()).await?;
    // No record is so late: then it is the end.
    let beyond: Vec<Wanted> = found
        .iter()
        .filter(|(_, offset)| matches!(offset, Ok(-1)))
        .map(|(partition, _)| (partition.clone(), OffsetSpec::Latest(Isolation::ReadUncommitted)))
        .collect();
    if !beyond.is_empty() {
        for (partition, end) in look_up(cluster, beyond).await? {
            for (_, offset) in found.iter_mut().filter(|(one, offset)| *one == partition && matches!(offset, Ok(-1))) {
                *offset = end.clone();
            }
        }
    }
    Ok(found)
}

/// One answer for each question, in the same order; `Ok(-1)` where no record has the timestamp.
async fn look_up(cluster: &Arc<Cluster>, wanted: Vec<Wanted>) -> Result<Vec<Found>> {
    let numbered: Vec<(usize, Wanted)> = wanted.into_iter().enumerate().collect();
    let mut found: Vec<Found> =
        numbered.iter().map(|(_, (partition, _))| (partition.clone(), Err(missing(partition)))).collect();
    let spread = cluster.spread(numbered, |(_, (partition, _))| partition).await?;
    for ((at, _), error) in spread.failed {
        found[at].1 = Err(error);
    }
    let mut requests = Vec::new();
    for (node, wanted) in spread.by_node {
        // A request has one isolation level, and asks for a partition once.
        let mut groups: Vec<(bool, Group)> = Vec::new();
        for ((at, (partition, spec)), leader) in wanted {
            let committed = spec == OffsetSpec::Latest(Isolation::ReadCommitted);
            let free = groups.iter().position(|(level, group)| *level == committed && !group.contains_key(&partition));
            let free = free.unwrap_or_else(|| {
                groups.push((committed, BTreeMap::new()));
                groups.len() - 1
            });
            groups[free].1.insert(partition, (at, spec, leader));
        }
        requests.extend(groups.into_iter().map(|(committed, group)| (node, committed, group)));
    }
    let asked = requests.into_iter().map(|(node, committed, group)| async move {
        let answer = ask(cluster, node, committed, &group).await;
        (group, answer)
    });
    for (group, answer) in join_all(asked).await {
        let mut answers = answer.map(read);
        for (partition, (at, ..)) in group {
            found[at].1 = match &mut answers {
                Ok(answers) => answers.remove(&partition).unwrap_or_else(|| Err(missing(&partition))),
                Err(error) => Err(error.clone()),
            };
        }
    }
    for (partition, offset) in &found {
        if let Err(error) = offset {
            cluster.learn(partition, error);
        }
    }
    Ok(found)
}

async fn ask(cluster: &Cluster, node: i32, committed: bool, group: &Group) -> Result<ListOffsetsResponse> {
    let within = cluster.config().request_timeout;
    cluster
        .ask(&cluster.node(node)?, Lane::Data, within, |version| {
            let mut topics: BTreeMap<&Arc<str>, Vec<ListOffsetsPartition>> = BTreeMap::new();
            for (partition, (_, spec, leader)) in group {
                let timestamp = match spec {
                    OffsetSpec::Earliest => EARLIEST,
                    OffsetSpec::Latest(_) => LATEST,
                    OffsetSpec::Timestamp(timestamp) => (*timestamp).max(0),
                };
                let epoch = if version >= 4 { leader.epoch } else { -1 };
                let one = ListOffsetsPartition::default()
                    .with_partition_index(partition.partition)
                    .with_current_leader_epoch(epoch)
                    .with_timestamp(timestamp);
                topics.entry(&partition.topic).or_default().push(one);
            }
            let topic = |(name, partitions): (&Arc<str>, _)| {
                let name = TopicName(StrBytes::from_string(name.to_string()));
                ListOffsetsTopic::default().with_name(name).with_partitions(partitions)
            };
            ListOffsetsRequest::default()
                .with_replica_id((-1).into())
                .with_isolation_level(i8::from(committed))
                .with_topics(topics.into_iter().map(topic).collect())
        })
        .await
}

fn read(response: ListOffsetsResponse) -> BTreeMap<TopicPartition, Result<i64>> {
    let mut results = BTreeMap::new();
    for topic in response.topics {
        let name: Arc<str> = Arc::from(&*topic.name.0);
        for answer in topic.partitions {
            let partition = TopicPartition::new(name.clone(), answer.partition_index);
            let result = if answer.error_code == 0 {
                Ok(answer.offset)
            } else {
                Err(refusal(answer.error_code, None, format_args!("looking up an offset of {partition}")))
            };
            results.insert(partition, result);
        }
    }
    results
}

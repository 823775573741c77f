use super::*;

const ID: ProducerId = ProducerId { id: 7, epoch: 0 };

/// Four batches of one record, all written or not, without a word from the broker.
fn lane() -> Lane {
    let config = ProducerConfig { retry_backoff: std::time::Duration::ZERO, ..ProducerConfig::default() };
    let partition = TopicPartition::new("t", 0);
    let mut lane = Lane::new(partition.clone(), Some(ID), &config);
    let now = Instant::now();
    lane.proven = true;
    for ticket in 0..4 {
        let (mut builder, mut tickets) = (BatchBuilder::with_capacity(0), Tickets::default());
        builder.append(0, None, None, []).unwrap();
        tickets.push(ticket);
        lane.push(
            Sealed { lane: 0, partition: partition.clone(), builder, tickets, saved: 0 },
            now + config.delivery_timeout,
        );
    }
    for number in 0..4 {
        assert_eq!(sent(&mut lane), Some(number));
    }
    for number in 0..4 {
        lane.answer(number, Err(BrokerError::new(Code::NetworkException, "lost")), now);
    }
    lane
}

fn sent(lane: &mut Lane) -> Option<u64> {
    lane.sendable(Instant::now(), 5)?;
    lane.send().map(|(number, _)| number)
}

fn gap() -> crate::Result<i64> {
    Err(BrokerError::new(Code::OutOfOrderSequence, "a gap"))
}

/// Answers whatever is sent, and says how it ended: offsets, and whether a new id is wanted.
fn play(lane: &mut Lane, answer: impl Fn(u64) -> crate::Result<i64>) -> (Vec<i64>, bool) {
    let (now, config, mut offsets) = (Instant::now(), ProducerConfig::default(), Vec::new());
    while let Some(number) = sent(lane) {
        lane.answer(number, answer(number), now);
        lane.settle(now, &config, |ack| offsets.push(ack.result.unwrap()));
        lane.renew(now);
    }
    (offsets, lane.needs_id())
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_forgot_all_but_the_last_batch() {
    for (last, offsets) in [(0, [10, 11, 12, 13]), (1, [-1, 11, 12, 13]), (3, [-1, -1, -1, 13])] {
        // What comes before the last one is a gap to it, that one a repetition, and the next ones are new.
        let answer = |number: u64| if number < last { gap() } else { Ok(10 + number as i64) };
        assert_eq!(play(&mut lane(), answer), (offsets.to_vec(), false), "{last}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gap_before_the_first_batch_needs_a_new_id() {
    assert_eq!(play(&mut lane(), |_| gap()), (Vec::new(), true));
    let forgotten = |_| Err(BrokerError::new(Code::UnknownProducerId, "who?"));
    assert_eq!(play(&mut lane(), forgotten), (Vec::new(), true));
}

"""librdkafka, by confluent-kafka, against the broker at the address given."""

import logging
import sys

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from common import PATIENCE, expect, until

# Being fenced is asked for below, and no news.
broker = {"bootstrap.servers": sys.argv[1], "logger": logging.getLogger("librdkafka")}
logging.disable()
admin = AdminClient(broker)


def done(futures):
    for future in futures.values():
        future.result(PATIENCE)


def consumer(group, topic, **more):
    config = {"group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False, "session.timeout.ms": 30000}
    made = Consumer({**broker, **config, **{key.replace("_", "."): value for key, value in more.items()}})
    made.subscribe([topic])
    return made


def read(source, count):
    """The next records, as many as asked for."""
    seen = []

    def step():
        message = source.poll(0.5)
        if message is not None:
            if message.error():
                raise SystemExit(f"poll: {message.error()}")
            seen.append(message)
        return len(seen) >= count

    until(f"{count} records", step)
    return seen


done(admin.create_topics([NewTopic("rd", 4, 1, config={"retention.ms": "1000000"}), NewTopic("rd-txn", 2, 1)]))
configs = admin.describe_configs([ConfigResource("topic", "rd")])
expect("topic config", [found.result(PATIENCE)["retention.ms"].value for found in configs.values()], ["1000000"])

for codec in ["none", "gzip", "lz4", "zstd"]:
    producer = Producer({**broker, "enable.idempotence": True, "linger.ms": 5, "compression.type": codec})
    for at in range(250):
        producer.produce("rd", key=str(at % 50), value=f"{codec}-{at}", headers=[("h", b"1"), ("h", None)])
        producer.poll(0)
    expect(f"produced, {codec}", producer.flush(PATIENCE), 0)

first = consumer("rd", "rd")
records = read(first, 1000)
expect("read once each", len({record.value() for record in records}), 1000)
expect("headers", {str(record.headers()) for record in records}, {"[('h', b'1'), ('h', None)]"})
first.commit(asynchronous=False)

second = consumer("rd", "rd")


def shared():
    if first.poll(0.2) is not None or second.poll(0.2) is not None:
        raise SystemExit("a record was read twice after a commit")
    return len(first.assignment()) == 2 and len(second.assignment()) == 2


until("two members share four partitions", shared)
described = admin.describe_consumer_groups(["rd"])["rd"].result(PATIENCE)
expect("group", (described.state.name, len(described.members)), ("STABLE", 2))
second.close()
until("the other one has them all again", lambda: first.poll(0.2) is None and len(first.assignment()) == 4)
first.close()

resumed = consumer("rd", "rd")
producer.produce("rd", value="after")
producer.flush(PATIENCE)
expect("goes on after the commit", [record.value() for record in read(resumed, 1)], [b"after"])
early, late = (resumed.offsets_for_times([TopicPartition("rd", 0, at)], timeout=PATIENCE)[0].offset for at in (0, 2**41))
expect("offsets of times", (early, late), (0, -1))

# Transactions: what is read and what comes of it are committed together.
transactional = Producer({**broker, "transactional.id": "rd", "transaction.timeout.ms": 60000})
transactional.init_transactions(PATIENCE)
for round_ in range(4):
    transactional.begin_transaction()
    for at in range(5):
        transactional.produce("rd-txn", partition=at % 2, value=f"{round_}-{at}")
    position = [TopicPartition("rd", 0, 10_000 + round_)]
    transactional.send_offsets_to_transaction(position, resumed.consumer_group_metadata(), PATIENCE)
    if round_ % 2:
        transactional.flush()
        transactional.abort_transaction(PATIENCE)
    else:
        transactional.commit_transaction(PATIENCE)
committed = resumed.committed([TopicPartition("rd", 0)], timeout=PATIENCE)
expect("offset in a transaction", committed[0].offset, 10_002)
resumed.close()
reader = consumer("rd-txn", "rd-txn", isolation_level="read_committed")
seen = sorted(record.value().decode() for record in read(reader, 10))
expect("committed records", seen, [f"{round_}-{at}" for round_ in (0, 2) for at in range(5)])
transactional.begin_transaction()
transactional.produce("rd-txn", partition=0, value="open")
transactional.flush()
expect("nothing of an open transaction", reader.poll(1), None)

successor = Producer({**broker, "transactional.id": "rd"})
successor.init_transactions(PATIENCE)
try:
    transactional.produce("rd-txn", partition=1, value="fenced")
    transactional.commit_transaction(PATIENCE)
    raise SystemExit("a fenced producer could commit")
except KafkaException as error:
    expect("the older instance is fenced", (error.args[0].name(), error.args[0].fatal()), ("_FENCED", True))
expect("nor of a fenced one", reader.poll(1), None)
reader.close()
done(admin.delete_consumer_groups(["rd-txn"]))

"""kafka-python against the broker at the address given."""

import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from common import expect, until

broker = {"bootstrap_servers": sys.argv[1]}
admin = KafkaAdminClient(**broker)
admin.create_topics([NewTopic("py", 4, 1)])


def consumer(topic, group, **more):
    quick = {"session_timeout_ms": 30000, "heartbeat_interval_ms": 500} if group else {}
    config = {"group_id": group, "auto_offset_reset": "earliest", "enable_auto_commit": False}
    return KafkaConsumer(topic, **broker, **config, **quick, **more)


def read(source, count):
    seen = []

    def step():
        for records in source.poll(500).values():
            seen.extend(records)
        return len(seen) >= count

    until(f"{count} records", step)
    return [record.value for record in seen]


producer = KafkaProducer(**broker, linger_ms=5)
for at in range(1000):
    producer.send("py", key=b"%d" % (at % 50), value=b"%d" % at)
producer.flush()
first = consumer("py", "py")
expect("read once each", sorted(map(int, read(first, 1000))), list(range(1000)))
first.commit()

second = consumer("py", "py")


def shared():
    if first.poll(100) or second.poll(100):
        raise SystemExit("a record was read twice after a commit")
    return len(first.assignment()) == 2 and len(second.assignment()) == 2


until("two members share four partitions", shared)
print("  two members share four partitions: ok")
first.close()
second.close()

resumed = consumer("py", "py")
producer.send("py", b"after")
producer.flush()
expect("goes on after the commit", read(resumed, 1), [b"after"])
partition = TopicPartition("py", 0)
ends, starts = resumed.end_offsets([partition])[partition], resumed.beginning_offsets([partition])[partition]
expect("offsets", (starts, ends > 0), (0, True))
resumed.close()

transactional = KafkaProducer(**broker, transactional_id="py")
transactional.init_transactions()
for round_ in range(3):
    transactional.begin_transaction()
    # The topic is made by being asked for.
    transactional.send("py-txn", b"%d" % round_)
    if round_ == 1:
        transactional.flush()
        transactional.abort_transaction()
    else:
        transactional.commit_transaction()
reader = consumer("py-txn", None, isolation_level="read_committed")
expect("committed records", read(reader, 2), [b"0", b"2"])
expect("and no others", reader.poll(1000), {})
reader = consumer("py-txn", None)
expect("all records", read(reader, 3), [b"0", b"1", b"2"])

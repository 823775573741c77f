"""What peer-client does, by librdkafka in its Python package confluent-kafka."""
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition

what, bootstrap, topic, records = sys.argv[1:]
records = int(records)
BATCH = 10_000
wall, cpu = time.monotonic(), time.process_time()
if what == "produce":
    delivered = 0

    def on_delivery(error, _):
        global delivered
        if error:
            raise RuntimeError(error)
        delivered += 1

    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "queue.buffering.max.messages": 500_000,
                         "delivery.report.only.error": True})
    message = {"value": b"x" * 200}
    left = records
    while left:
        count = min(BATCH, left)
        while len(producer) > 400_000:
            producer.poll(0.01)
        producer.produce_batch(topic, [message] * count, partition=0, on_delivery=on_delivery)
        left -= count
    if producer.flush(60):
        sys.exit("not every record was acknowledged")
else:
    # Its defaults fetch no more for a second once 100000 records wait.
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "peers-client", "enable.auto.commit": False,
                         "queued.min.messages": 1_000_000, "queued.max.messages.kbytes": 1_000_000,
                         "fetch.queue.backoff.ms": 1})
    consumer.assign([TopicPartition(topic, 0, 0)])
    count = size = 0
    while count < records:
        for message in consumer.consume(BATCH, 1.0):
            if message.error():
                raise RuntimeError(message.error())
            size += len(message)
            count += 1
    if size != records * 200:
        sys.exit(f"{size} bytes in {count} records")
print(time.monotonic() - wall, time.process_time() - cpu)

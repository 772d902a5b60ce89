"""Reads records of a topic with confluent-kafka and prints each as a JSON line: connection and count on stdin."""

import json
import sys

from confluent_kafka import Consumer

task = json.load(sys.stdin)
consumer = Consumer({"group.id": task["group"], "auto.offset.reset": "earliest", **task["connection"]})
consumer.subscribe([task["topic"]])
count = 0
while count < task["count"]:
    msg = consumer.poll(30.0)
    if msg is None:
        sys.exit(f"{count} records came and no more in 30 seconds")
    if msg.error():
        sys.exit(str(msg.error()))
    count += 1
    headers = {name: value.decode() for name, value in dict(msg.headers() or []).items()}
    record = {"partition": msg.partition(), "headers": headers}
    for field, data in (("key", msg.key()), ("value", msg.value())):
        record[field] = None if data is None else data.decode()
    print(json.dumps(record))
consumer.close()

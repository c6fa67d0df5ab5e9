"""Reads Souk's public events from Kafka with the ordinary client, and prints each as a line of JSON.

usage: consume_topics.py --brokers HOST:PORT --schema events.binpb [--set NAME=VALUE]... [--until-end] TOPIC...
   TOPIC is such as souk.order.events.v1; events.binpb comes from: soukctl events schema --out events.binpb

Everything that a consumer in another language needs to know is in here:
1. Read with isolation.level=read_committed: publication is transactional, and what was aborted must not be seen.
2. The value is the protobuf message that the header ce_type names; the schema is a FileDescriptorSet.
3. souk_position grows on each partition, and souk_previous_position is that of the record before: if it is not, a
   record is missing. A record whose position is not higher than the last one's was seen already.
4. Keep the position, not Kafka's offset, with what you derive from the event: it also holds for exports.
"""

import argparse
import json
import signal
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


class Schema:
    """The messages of a FileDescriptorSet, by name."""

    def __init__(self, path):
        files = descriptor_pb2.FileDescriptorSet()
        with open(path, "rb") as file:
            files.ParseFromString(file.read())
        self._pool = descriptor_pool.DescriptorPool()
        for file in files.file:  # What a file imports comes before it.
            self._pool.Add(file)

    def parse(self, event_type, payload):
        message = message_factory.GetMessageClass(self._pool.FindMessageTypeByName(event_type))()
        message.ParseFromString(payload)
        return message


class Chain:
    """Tells when a record is missing, or comes again."""

    def __init__(self):
        self._last = {}

    def is_new(self, message, headers):
        place = message.topic(), message.partition()
        position, previous = int(headers["souk_position"]), int(headers["souk_previous_position"])
        last = self._last.get(place, previous)
        if position <= last:
            return False
        if previous != last:
            raise RuntimeError(f"{place}: the records after position {last} and up to {previous} are missing")
        self._last[place] = position
        return True


def open_consumer(brokers, topics, settings):
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "souk-example", "isolation.level": "read_committed",
                         "enable.auto.commit": False, "enable.partition.eof": True, **settings})
    metadata = consumer.list_topics(timeout=30)
    partitions = []
    for topic in topics:
        if topic not in metadata.topics:
            sys.exit(f"error: there is no topic {topic} on {brokers}")
        partitions += [TopicPartition(topic, partition, OFFSET_BEGINNING)
                       for partition in metadata.topics[topic].partitions]
    consumer.assign(partitions)  # By hand: each partition is read from where we say.
    return consumer, len(partitions)


def events_of(consumer, partitions, until_end):
    """Yields (headers, message of Kafka) of every new event."""
    chain, ended = Chain(), set()
    while not until_end or len(ended) < partitions:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                raise RuntimeError(message.error().str())
            ended.add((message.topic(), message.partition()))
            continue
        headers = {name: value.decode() for name, value in message.headers()}
        if chain.is_new(message, headers):
            yield headers, message


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--schema", required=True)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--until-end", action="store_true")
    parser.add_argument("topics", nargs="+")
    options = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # So that `| head` ends it quietly.
    schema = Schema(options.schema)
    settings = dict(setting.split("=", 1) for setting in options.set)
    consumer, partitions = open_consumer(options.brokers, options.topics, settings)
    for headers, message in events_of(consumer, partitions, options.until_end):
        event = schema.parse(headers["ce_type"], message.value())
        print(json.dumps({"position": int(headers["souk_position"]), "id": headers["ce_id"],
                          "type": headers["ce_type"], "time": headers["ce_time"], "key": message.key().decode(),
                          "event": json_format.MessageToDict(event, preserving_proto_field_name=True)}), flush=True)
    consumer.close()


if __name__ == "__main__":
    main()

"""Holds each Kafka partition to the log that it was published from: every public event once, in order, the same.

usage: topic_check.py --soukctl PATH --address ADDRESS --brokers HOST:PORT
Runs with the Python of tools/analytics/venv, and shares no code with Souk: the records come through Kafka's ordinary
client, what they are to be through soukctl events export. Everything is to be published already.
"""

import argparse
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVICES = ("cart", "catalog", "notification", "order", "payment", "shipping")
POLL_S = 60


def check_topics(store):
    """For tests: checks a store once it is at rest, which means that everything is published. Returns what was said."""
    store.ctl("time", "advance", "+0s")
    venv = subprocess.run([os.path.join(ROOT, "tools/analytics/venv"), "--path"], capture_output=True, text=True,
                          check=True).stdout.strip()
    done = subprocess.run(
        [os.path.join(venv, "bin/python"), "-B", os.path.abspath(__file__), "--soukctl",
         os.path.join(store.bin_dir, "soukctl"), "--address", store.address, "--brokers", store.brokers],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise AssertionError(f"the topics are not the logs:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout


def demand(holds, *what):
    if not holds:
        raise SystemExit("error: " + " ".join(str(each) for each in what))


class Schema:
    """The messages of soukctl events schema, by name."""

    def __init__(self, soukctl):
        from google.protobuf import descriptor_pb2, descriptor_pool
        with tempfile.NamedTemporaryFile() as file:
            subprocess.run([soukctl, "events", "schema", "--out", file.name], check=True, stdout=subprocess.DEVNULL)
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
        self._pool = descriptor_pool.DescriptorPool()
        for each in files.file:
            self._pool.Add(each)

    def new_message(self, event_type):
        from google.protobuf import message_factory
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(event_type))()


def with_dates(descriptor, value):
    """What ParseDict takes: an export says 2016-09-05 where protobuf's JSON has year, month and day."""
    if isinstance(value, list):
        return [with_dates(descriptor, each) for each in value]
    if descriptor is None or descriptor.full_name.startswith("google.protobuf."):
        return value
    if descriptor.full_name == "google.type.Date":
        return dict(zip(("year", "month", "day"), map(int, value.split("-"))))
    return {name: with_dates(descriptor.fields_by_name[name].message_type, each) for name, each in value.items()}


def expected_events(soukctl, address, service):
    """Yields (partition, events of it) of the log of a service, as public events."""
    with subprocess.Popen([soukctl, "--address", address, "events", "export", "--service", service],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as export:
        yield from itertools.groupby(map(json.loads, export.stdout), lambda line: line["event"]["partition"])
    demand(export.returncode == 0, "soukctl events export of", service, "failed")


def published_records(brokers, topic, partition):
    """Yields all records that a reader of committed ones sees, to the end of the partition."""
    from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "topic-check", "isolation.level": "read_committed",
                         "enable.auto.commit": False, "enable.partition.eof": True, "fetch.wait.max.ms": 10})
    with contextlib.closing(consumer):
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)])
        while True:
            message = consumer.poll(POLL_S)
            demand(message is not None, topic, partition, "tells nothing for", POLL_S, "s")
            if message.error() is None:
                yield message
            elif message.error().code() == KafkaError._PARTITION_EOF:
                return
            else:
                demand(message.error().retriable(), topic, partition, message.error())


def check_record(schema, message, event, previous):
    """`event` is a line of an export; `previous` the position of the one before."""
    from google.protobuf import json_format
    envelope = event.pop("event")
    headers = {name: value.decode() for name, value in message.headers()}
    expected = {
        "ce_id": envelope["event_id"], "ce_type": envelope["type"], "ce_specversion": "1.0",
        "ce_source": f"/souk/{envelope['service']}/{envelope['partition']}",
        "ce_subject": f"{envelope['aggregate']}/{envelope['aggregate_id']}",
        "souk_position": str(envelope["position"]), "souk_previous_position": str(previous),
        "souk_revision": str(envelope["revision"]), "souk_actor": envelope["actor"]}
    found = {name: headers.get(name) for name in expected}
    place = f"{message.topic()}/{message.partition()} at offset {message.offset()}:"
    demand(found == expected, place, found, "where the log has", expected)
    demand(message.key().decode() == envelope["aggregate_id"], place, "its key is", message.key())
    published, wanted = schema.new_message(envelope["type"]), schema.new_message(envelope["type"])
    published.ParseFromString(message.value())
    json_format.ParseDict(with_dates(wanted.DESCRIPTOR, event), wanted)
    demand(published == wanted, place, published, "where the log has", wanted)
    return envelope


def check_partition(schema, brokers, service, partition, events):
    topic = f"souk.{service}.events.v1"
    count, previous, captured = 0, 0, set()
    for message, event in itertools.zip_longest(published_records(brokers, topic, partition), events):
        demand(message is not None, topic, partition, "ends before", event)
        demand(event is not None, topic, partition, "has more than the log:", message and message.headers())
        if event["event"]["type"] == "souk.payment.events.v1.PaymentCaptured":
            capture = event["intent_id"], event["order_id"]
            demand(capture not in captured, "captured twice:", capture)
            captured.add(capture)
        previous = check_record(schema, message, event, previous)["position"]
        count += 1
    print(f"{topic}/{partition}: {count} events, as in the log" + (f"; {len(captured)} captures" if captured else ""),
          flush=True)
    return count


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--soukctl", required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--brokers", required=True)
    options = parser.parse_args()
    schema = Schema(options.soukctl)
    for service in SERVICES:
        counts = [check_partition(schema, options.brokers, service, partition, events)
                  for partition, events in expected_events(options.soukctl, options.address, service)]
        demand(sum(counts) > 0, "nothing was checked of", service)


if __name__ == "__main__":
    sys.exit(main())

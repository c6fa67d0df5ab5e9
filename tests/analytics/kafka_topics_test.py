"""The public events on a real Kafka: exported by soukctl, and read by the example of a consumer in Python.

usage: kafka_topics_test.py BIN_DIR
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/end_to_end"))

from orders import write_dataset
from store import Store

BIN_DIR = sys.argv[1]
ORDERS = 12
SERVICES = ("cart", "catalog", "notification", "order", "payment", "shipping")
TOPICS = [f"souk.{service}.events.v1" for service in SERVICES]
PUBLISHED_WITHIN_S = 120

MAKE_TOPICS = """
import sys
from confluent_kafka.admin import AdminClient, NewTopic
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
for future in admin.create_topics([NewTopic(topic, 1, 1) for topic in sys.argv[2:]]).values():
    future.result(timeout=60)
"""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr}")
    return done.stdout


def soukctl(*arguments):
    return run(os.path.join(BIN_DIR, "soukctl"), *arguments)


def kafka(*arguments):
    return run(sys.executable, "-B", os.path.join(ROOT, "tools/kafka"), *arguments)


def setUpModule():
    Topics.prepare()


class Topics(unittest.TestCase):
    @classmethod
    def path(cls, *names):
        return os.path.join(cls.work, *names)

    @classmethod
    def prepare(cls):
        """Imports a few orders into a store that publishes to a broker."""
        cls.work = tempfile.mkdtemp(prefix="souk-topics-")
        unittest.addModuleCleanup(shutil.rmtree, cls.work)
        cls.python = os.path.join(run(os.path.join(ROOT, "tools/analytics/venv"), "--path").strip(), "bin/python")
        kafka("start", "--data", cls.path("kafka"), "--port", "0")
        unittest.addModuleCleanup(kafka, "stop", "--data", cls.path("kafka"))
        with open(cls.path("kafka", "port"), encoding="utf-8") as file:
            cls.brokers = "127.0.0.1:" + file.read()
        run(cls.python, "-c", MAKE_TOPICS, cls.brokers, *TOPICS)
        write_dataset(cls.path(), ORDERS)
        cls.store = Store(BIN_DIR, arguments=["--set", f"kafka.brokers={cls.brokers}"])
        unittest.addModuleCleanup(cls.store.close)
        cls.store.start()
        cls.store.ctl("import", "olist", cls.path(), "--report", cls.path("report.json"))
        cls.served = cls.store.ctl("events", "export").stdout
        deadline = time.monotonic() + PUBLISHED_WITHIN_S
        while cls.export().count("\n") < cls.served.count("\n"):
            if time.monotonic() > deadline:
                raise AssertionError("the events were not published: " + cls.store.read_log())
        run(os.path.join(BIN_DIR, "soukctl"), "events", "schema", "--out", cls.path("events.binpb"))

    @classmethod
    def export(cls, *arguments):
        return soukctl("events", "export", "--kafka", cls.brokers, *arguments)

    def test_the_topics_export_the_same_as_the_store(self):
        self.assertEqual(self.export(), self.served)

    def test_an_export_of_the_topics_goes_on_where_it_stopped(self):
        whole = [json.loads(line) for line in self.served.splitlines()]
        orders = [line for line in whole if line["event"]["service"] == "order"]
        middle = orders[len(orders) // 2]["event"]["position"]
        out = self.path("part.jsonl")
        self.export("--service", "order", "--out", out, "--to", str(middle))
        self.export("--service", "order", "--out", out, "--resume")
        with open(out, encoding="utf-8") as file:
            self.assertEqual([json.loads(line) for line in file], orders)

    def test_a_consumer_in_python_reads_what_the_store_has_told(self):
        told = run(self.python, "-B", os.path.join(ROOT, "tools/analytics/examples/consume_topics.py"),
                   "--brokers", self.brokers, "--schema", self.path("events.binpb"), "--until-end", *TOPICS)
        read = {}
        for line in map(json.loads, told.splitlines()):
            read.setdefault(line["type"].split(".")[1], []).append(line)
        for service in SERVICES:
            expected = [line for line in map(json.loads, self.served.splitlines())
                        if line["event"]["service"] == service]
            self.assertEqual([(line["position"], line["id"], line["type"], line["key"]) for line in read[service]],
                             [(line["event"]["position"], line["event"]["event_id"], line["event"]["type"],
                               line["event"]["aggregate_id"]) for line in expected])
        placed = [line["event"] for line in read["order"] if line["type"].endswith(".OrderPlaced")]
        exported = [line for line in map(json.loads, self.served.splitlines())
                    if line["event"]["type"].endswith(".OrderPlaced")]
        self.assertEqual([(event["order_id"], int(event["total"]["minor_units"])) for event in placed],
                         [(line["order_id"], line["total"]["minor_units"]) for line in exported])

    def test_questions_are_asked_of_the_topics_too(self):
        placed = sum(1 for line in self.served.splitlines() if "souk.order.events.v1.OrderPlaced" in line)
        answer = soukctl("replay", "--kafka", self.brokers, "--format", "csv", "--query",
                         "SELECT count(*) FROM order_placed")
        self.assertEqual(answer.split(), ["count_star()", str(placed)])


if __name__ == "__main__":
    unittest.main(argv=["kafka_topics_test.py"], verbosity=2)

"""A broker that stands still, ends, or loses a topic while orders are imported: everything is published once and in
order in the end, and nothing happens twice.

usage: kafka_faults_test.py BIN_DIR [--orders N]
Needs tools/install --kafka.
"""

import argparse
import os
import subprocess
import tempfile
import unittest
from datetime import datetime, timezone

from import_report import comparable, finish, import_into, read_report, start_import
from kafka_store import Broker, KafkaStore, wait_for
from orders import write_dataset
from store import ROOT, Store
from topic_check import check_topics

OPTIONS = None
TOPIC = "souk.order.events.v1"

DELETE_TOPIC = """
import sys
from confluent_kafka.admin import AdminClient
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
for future in admin.delete_topics([sys.argv[2]]).values():
    future.result(timeout=60)
"""


def delete_topic(broker, topic):
    venv = subprocess.run([os.path.join(ROOT, "tools/analytics/venv"), "--path"], capture_output=True, text=True,
                          check=True).stdout.strip()
    subprocess.run([os.path.join(venv, "bin/python"), "-c", DELETE_TOPIC, broker.address, topic], check=True,
                   stdin=subprocess.DEVNULL, timeout=120)


class KafkaFaultsTest(unittest.TestCase):
    """All services in one process; they, too, hear of each other's events by Kafka."""

    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="souk-faults-")
        cls.addClassCleanup(cls.work.cleanup)
        cls.dataset = os.path.join(cls.work.name, "orders")
        os.mkdir(cls.dataset)
        write_dataset(cls.dataset, OPTIONS.orders)
        with Store(OPTIONS.bin_dir) as store:
            cls.report = comparable(import_into(store, cls.dataset))
        cls.broker = Broker(os.path.join(cls.work.name, "kafka"), OPTIONS.bin_dir)
        cls.broker.start()
        cls.addClassCleanup(cls.broker.stop)
        cls.broker.make_topics()

    def test_everything_is_published_once_whatever_becomes_of_the_broker(self):
        with KafkaStore(OPTIONS.bin_dir, self.broker, ["messaging.feed=kafka"]) as store:
            report = os.path.join(store.folder, "report.json")
            importing = start_import(store, self.dataset, report)
            self.addCleanup(importing.kill)
            for fault in (self.stand_still, self.end_and_come_back, self.lose_a_topic):
                self.published_some_more(store)
                self.assertIsNone(importing.poll(), "the import is over; take more --orders")
                fault(store)
            finish(importing, store)
            self.assertEqual(comparable(read_report(report)), self.report)
            self.assertEqual(read_report(report)["trial_balance"], 0)
            self.assertEqual(len(store.mails()), sum(self.report["mails_by_template"].values()))
            print(check_topics(store), end="")
            self.assertEqual(store.held_up(), set())
            self.end_while_the_broker_is_away(store)

    def published_some_more(self, store):
        before = store.measured("souk_publication_position").get(TOPIC, 0)
        wait_for("orders are published",
                 lambda: store.measured("souk_publication_position")[TOPIC] > before + 20, store)

    def stand_still(self, store):
        """For longer than a record may be on its way."""
        paused = datetime.now(timezone.utc)
        self.broker.pause()
        wait_for("the store sees that it cannot publish", store.held_up, store)
        # The services hear of each other over the broker: nothing need be left to publish.
        held_up = wait_for("the status says since when", lambda: [
            each for each in store.publication().values() if each["held_up_since"]], store)[0]
        since = datetime.fromisoformat(held_up["held_up_since"])
        self.assertTrue(paused <= since <= datetime.now(timezone.utc), held_up)
        self.assertTrue(held_up["problem"], held_up)
        self.assertRegex(store.ctl("status").stdout,
                         rf"(up to date|\d+ behind), held up since {since:%Y-%m-%d %H:%M}")
        self.broker.go_on()
        wait_for("it publishes again", lambda: not store.held_up(), store)
        wait_for("the status says so, too", lambda: not any(
            each["held_up_since"] for each in store.publication().values()), store)

    def end_and_come_back(self, store):
        self.broker.stop()
        wait_for("the store sees that it cannot publish", store.held_up, store)
        self.broker.start()
        wait_for("it publishes again", lambda: not store.held_up(), store)

    def end_while_the_broker_is_away(self, store):
        """A store with nothing to publish sees it, too, and ends all the same."""
        self.broker.stop()
        wait_for("the idle store sees that it could not publish", store.held_up, store)
        self.assertEqual(store.stop(), 0, store.read_log())

    def lose_a_topic(self, store):
        """Nobody fills it again unasked, for those who have read it would read everything twice."""
        delete_topic(self.broker, TOPIC)
        wait_for("the store misses the topic", lambda: store.held_up() == {TOPIC}, store)
        wait_for("it says what to do", lambda: "make it with soukctl topics create" in store.read_log(), store)
        self.broker.make_topics()
        wait_for("it finds the topic empty", lambda: "kafka.republish=true" in store.read_log(), store)
        self.assertEqual(store.stop(), 0, store.read_log())
        store.arguments += ["--set", "kafka.republish=true"]
        store.start()
        wait_for("it publishes again", lambda: not store.held_up(), store)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir")
    parser.add_argument("--orders", type=int, default=60)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=["kafka_faults_test.py", *rest], verbosity=2)


if __name__ == "__main__":
    main()

"""Six processes, with events over gRPC or Kafka: an import ends with the same report as in one process, also when
processes and the broker are killed with -9.

usage: processes_test.py BIN_DIR [--kafka] [--kills N] [--orders N] [--data DIR]
--data takes a dataset instead of the small one that is made up. Needs tools/install --kafka for --kafka.
"""

import argparse
import os
import sys
import tempfile
import time
import unittest

from import_report import comparable, import_into, import_under_kills
from orders import write_dataset
from processes import SERVICES, Processes
from store import Store
from topic_check import check_topics

OPTIONS = None


class ProcessesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="souk-orders-")
        cls.dataset = OPTIONS.data
        if not cls.dataset:
            cls.dataset = cls.work.name
            write_dataset(cls.dataset, OPTIONS.orders)
        with Store(OPTIONS.bin_dir) as store:
            cls.report = import_into(store, cls.dataset)

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def check_books(self, store, report):
        """What must hold however the import went."""
        self.assertEqual(comparable(report), comparable(self.report))
        self.assertEqual(report["trial_balance"], 0)
        self.assertTrue(report["seller_balances_match"])
        self.assertEqual(len(store.mails()), sum(report["mails_by_template"].values()))
        store.ctl("verify")
        if OPTIONS.kafka:
            print(check_topics(store), end="")

    def test_the_import_ends_with_the_report_of_one_process(self):
        with Processes(OPTIONS.bin_dir, kafka=OPTIONS.kafka) as store:
            self.check_books(store, import_into(store, self.dataset))
            self.assertEqual(store.stop(), 0, store.read_log())

    def test_kill_9_of_any_process_changes_nothing(self):
        victims = list(SERVICES) + (["kafka"] if OPTIONS.kafka else [])
        with Processes(OPTIONS.bin_dir, kafka=OPTIONS.kafka) as store:
            # Each victim in turn, so that all have theirs.
            report = import_under_kills(store, self.dataset, OPTIONS.kills,
                                        lambda killed: store.kill(victims[killed % len(victims)]), OPTIONS.pause)
            store.wait_until_all_serve()
            self.check_books(store, report)
            print("killed:", ", ".join(f"{name} {count}" for name, count in sorted(store.kills.items())))


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir")
    parser.add_argument("--kafka", action="store_true")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--pause", type=float, default=2, help="seconds between kills, at most")
    parser.add_argument("--orders", type=int, default=60)
    parser.add_argument("--data")
    OPTIONS, rest = parser.parse_known_args()
    start = time.monotonic()
    done = unittest.main(argv=["processes_test.py", *rest], exit=False, verbosity=2)
    print(f"{time.monotonic() - start:.0f} s")
    sys.exit(0 if done.result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()

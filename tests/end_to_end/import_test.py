"""Real-looking orders through the whole store, with and without kill -9 of either side.

usage: import_test.py BIN_DIR [--kills N] [--pause S] [--orders N] [--data DIR]
--data takes a dataset instead of the small one that is made up.
"""

import argparse
import os
import subprocess
import tempfile
import time
import unittest

from import_report import comparable, import_into, import_under_kills
from orders import write_dataset
from store import Store

OPTIONS = None


class ImportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="souk-orders-")
        cls.expected = None
        cls.dataset = OPTIONS.data
        if not cls.dataset:
            cls.dataset = cls.work.name
            cls.expected = write_dataset(cls.dataset, OPTIONS.orders)
        cls.store = Store(OPTIONS.bin_dir)
        cls.store.start()
        cls.report = import_into(cls.store, cls.dataset)

    @classmethod
    def tearDownClass(cls):
        cls.store.close()
        cls.work.cleanup()

    def test_every_cent_is_explained(self):
        report = self.report
        self.assertEqual(report["trial_balance"], 0)
        self.assertTrue(report["seller_balances_match"])
        self.assertEqual(report["captured"] - report["refunded"], report["total_of_orders_not_cancelled"])
        self.assertEqual(report["seller_debt"], 0)
        self.assertEqual(report["seller_pending"], 0)
        self.assertEqual(report["seller_available"] + report["commission"], report["total_of_orders_not_cancelled"])

    def test_every_order_has_ended_and_every_delivered_one_is_completed(self):
        self.assertLessEqual(set(self.report["orders_by_state"]), {"COMPLETED", "CANCELLED"})
        by_status = self.report["groups_by_dataset_status_and_state"]
        self.assertEqual(set(by_status["delivered"]), {"COMPLETED"})
        for status in ("canceled", "unavailable"):
            self.assertLessEqual(set(by_status.get(status, {})), {"CANCELLED"})

    def test_the_numbers_are_those_of_the_dataset(self):
        if not self.expected:
            self.skipTest("for the made-up dataset")
        self.assertEqual(self.report["orders_skipped"], self.expected["skipped"])
        self.assertEqual(self.report["groups_placed"], self.expected["groups"])
        self.assertEqual(self.report["orders_placed"], self.expected["orders"])
        self.assertEqual(self.report["total_of_orders_not_cancelled"], self.expected["kept"])
        self.assertEqual(self.report["malformed_rows"], 1)

    def test_each_cause_has_one_mail(self):
        mails = self.report["mails_by_template"]
        self.assertEqual(sum(mails.values()), len(self.store.mails()))

    def test_repeating_the_import_changes_nothing(self):
        events = self.report["events"]
        again = import_into(self.store, self.dataset)
        self.assertEqual(comparable(again), comparable(self.report))
        self.assertEqual(again["events"], events)

    def test_the_log_verifies_and_rebuilds_to_the_same_state(self):
        self.store.ctl("verify")
        before = self.store.ctl("hash").stdout
        self.assertEqual(self.store.stop(), 0)
        rebuilt = subprocess.run([os.path.join(OPTIONS.bin_dir, "soukctl"), "rebuild", "--data", self.store.data_dir],
                                 capture_output=True, text=True, timeout=600)
        self.store.start()
        self.assertEqual(rebuilt.returncode, 0, rebuilt.stdout + rebuilt.stderr)
        self.assertEqual(self.store.ctl("hash").stdout, before)

    def test_kill_9_of_the_store_and_of_the_import_changes_nothing(self):
        with Store(OPTIONS.bin_dir) as store:
            def kill(_):
                store.kill()
                store.start()
                return True

            report = import_under_kills(store, self.dataset, OPTIONS.kills, kill, OPTIONS.pause)
            self.assertEqual(comparable(report), comparable(self.report))
            print(f"{store.starts - 1} kills of the store")
            store.ctl("verify")


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between kills, at most")
    parser.add_argument("--orders", type=int, default=80)
    parser.add_argument("--data")
    OPTIONS, rest = parser.parse_known_args()
    start = time.monotonic()
    unittest.main(argv=["import_test.py", *rest], exit=True, verbosity=2)
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()

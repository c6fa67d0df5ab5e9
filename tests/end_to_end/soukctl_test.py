"""What soukctl prints is whole and says what happened, for people and for programs.

usage: soukctl_test.py BIN_DIR
"""

import json
import os
import subprocess
import sys
import unittest

from store import Store

BIN_DIR = sys.argv[1]


class SoukctlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(BIN_DIR)
        cls.store.start()
        cls.backups = os.path.join(cls.store.folder, "backups")
        cls.store.ctl("demo")

    @classmethod
    def tearDownClass(cls):
        cls.store.close()

    def fails(self, *arguments, code=1):
        done = self.store.ctl(*arguments, check=False)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return done.stderr

    def test_with_json_every_command_prints_one_value(self):
        order = json.loads(self.store.ctl("--json", "events", "tail", "--service", "order").stdout
                           .splitlines()[-1])["aggregate_id"]
        self.store.ctl("--json", "backup", "create", self.backups)
        self.store.ctl("--json", "backup", "create", self.backups)
        for arguments in (("status",), ("verify",), ("hash",), ("time", "show"), ("time", "advance", "+1s"),
                          ("events", "schema"), ("events", "schema", "OrderPlaced"), ("dead-letters", "list"),
                          ("journey", order), ("show", order), ("backup", "list", self.backups),
                          ("backup", "create", self.backups), ("backup", "verify", self.backups)):
            with self.subTest(arguments):
                json.loads(self.store.ctl("--json", *arguments).stdout)
        self.assertEqual(len(json.loads(self.store.ctl("--json", "backup", "list", self.backups).stdout)), 3)

    def test_output_that_cannot_be_written_is_an_error(self):
        for arguments in (("status",), ("events", "tail"), ("--json", "hash"), ("events", "schema"), ("--help",),
                          ("completion", "bash"), ("events", "export")):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                done = subprocess.run([os.path.join(BIN_DIR, "soukctl"), "--address", self.store.address, *arguments],
                                      stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
                                      stdin=subprocess.DEVNULL)
                self.assertEqual(done.returncode, 1)
                self.assertIn("No space left on device", done.stderr)

    def test_whoever_has_read_enough_is_not_told_of_an_error(self):
        done = subprocess.run(f"{BIN_DIR}/soukctl --address {self.store.address} events tail | head -1", shell=True,
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_the_clock_goes_where_time_can_be_written_down(self):
        before = self.store.ctl("--json", "time", "show").stdout
        for far in ("+99999999999999d", "99999-01-01"):
            self.assertIn("the year 9000", self.fails("time", "advance", far))
        self.assertIn("time does not go back", self.fails("time", "advance", "2016-08-31"))
        self.assertEqual(self.store.ctl("--json", "time", "show").stdout, before)

    def test_a_number_that_counts_nothing_is_wrong_usage(self):
        for arguments in (("events", "tail", "--after", "-1"), ("events", "export", "--service", "order", "--to", "-1"),
                          ("backup", "create", self.backups, "--keep", "-1"),
                          ("backup", "verify", self.backups, "--backup", "-1"),
                          ("topics", "plan", "--partitions", "-1")):
            self.assertIn("no whole number", self.fails(*arguments, code=2))

    def test_a_type_that_no_event_has_is_an_error_that_names_the_nearest(self):
        for arguments, said in (
                (("--type", "OrderPlacd"), 'there is no public event "OrderPlacd"; did you mean OrderPlaced?'),
                (("--type", "souk.order.events.v1.OrderPlacd"), "did you mean OrderPlaced?"),
                (("--stored", "--type", "order.plced"), 'there is no stored event "order.plced"; did you mean '
                                                        "order.placed?"),
                (("--type", "order.placed"), "order.placed is a stored event; add --stored"),
                (("--stored", "--type", "OrderPlaced"), "OrderPlaced is a public event; leave out --stored")):
            for command in ("tail", "export"):
                self.assertIn(said, self.fails("events", command, *arguments))

    def test_a_public_event_is_found_by_each_of_its_names(self):
        placed = self.store.ctl("events", "tail", "--type", "souk.order.events.v1.OrderPlaced").stdout
        self.assertGreater(len(placed.splitlines()), 0)
        for name in ("OrderPlaced", "order_placed"):
            self.assertEqual(self.store.ctl("events", "tail", "--type", name).stdout, placed)
        self.assertNotEqual(self.store.ctl("events", "tail", "--stored", "--type", "order.placed").stdout, "")

    def test_the_demo_is_played_once_and_says_so(self):
        events = json.loads(self.store.ctl("--json", "status").stdout)
        self.assertIn("a store of its own", self.fails("demo"))
        self.assertEqual(json.loads(self.store.ctl("--json", "status").stdout), events)

    def test_who_is_erased_is_read_nowhere_any_more(self):
        with Store(BIN_DIR) as store:
            store.ctl("demo")
            self.assertIn("must be buyer/ID", store.ctl("erase", "anna", check=False).stderr)
            hashes = store.ctl("hash").stdout
            erased = json.loads(store.ctl("--json", "erase", "buyer/anna").stdout)
            self.assertEqual(erased["services"],
                             ["cart", "catalog", "notification", "order", "payment", "shipping"])
            self.assertEqual(store.ctl("hash").stdout, hashes)
            mails = len(store.mails())
            store.ctl("time", "advance", "+5d")  # An invitation to review is due, which nobody can be sent.
            self.assertEqual(len(store.mails()), mails)
            store.stop()
            store.start()
            store.ctl("verify")
            store.ctl("erase", "buyer/anna")

    def test_a_folder_that_is_served_is_not_rebuilt(self):
        self.assertIn(f"process {self.store.process.pid}", self.fails("rebuild", "--data", self.store.data_dir))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

"""What soukctl tells to a store ends in the same whatever breaks meanwhile.

usage: stories_test.py BIN_DIR [--seeds N]
The stories are the quick start, and an import of recorded orders whose reports are compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "end_to_end"))
from orders import write_dataset  # noqa: E402

OPTIONS = None
ORDERS = 16
# How often it was asked, how long it took; and what a mail server that rejects and a bank that is silent add.
NOT_COMPARED = ("seconds", "calls", "events", "commands", "mails_by_template")


def simulate(*arguments):
    """What souk-sim prints; it must end well."""
    done = subprocess.run([os.path.join(OPTIONS.bin_dir, "souk-sim"), "--no-shrink", *arguments],
                          capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise AssertionError(done.stdout[-3000:] + done.stderr[-2000:])
    return done.stdout


class StoriesTest(unittest.TestCase):
    def test_the_quick_start_comes_to_its_end_in_every_world(self):
        for seed in range(1, OPTIONS.seeds + 1):
            told = simulate("--seed", str(seed), "--story", "quickstart")
            self.assertEqual(told.count(": COMPLETED"), 2, told)
            self.assertIn("payout of EUR 170.20", told)
            self.assertIn("trial balance of the whole ledger: 0", told)

    def test_an_import_ends_in_the_same_report_in_every_world(self):
        with tempfile.TemporaryDirectory(prefix="souk-orders-") as folder:
            write_dataset(folder, ORDERS)
            story = ("--import", folder, "--orders", str(ORDERS))
            expected = self.report(simulate("--faults", "none", *story))
            self.assertEqual(expected["trial_balance"], 0)
            self.assertGreater(expected["orders_by_state"]["COMPLETED"], 0)
            for seed in range(1, OPTIONS.seeds + 1):
                with self.subTest(seed=seed):
                    self.assertEqual(self.report(simulate("--seed", str(seed), *story)), expected)

    def report(self, output):
        report = json.loads(output[:output.rindex("}") + 1])
        return {key: value for key, value in report.items() if key not in NOT_COMPARED}


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir")
    parser.add_argument("--seeds", type=int, default=20)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=["stories_test.py", *rest], verbosity=2)


if __name__ == "__main__":
    main()

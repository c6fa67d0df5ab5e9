"""A disk that fills up under a running store: it stops, says why, and goes on when there is space.

The disk is a small tmpfs in a mount namespace of its own; where that is not permitted the test
is skipped.

usage: disk_full_test.py BIN_DIR [--orders N]
"""

import os
import subprocess
import sys
import tempfile
import unittest

from import_report import comparable, finish, import_into, read_report, start_import
from orders import write_dataset
from store import Store

SKIPPED = 77
ORDERS = 100
FULL_AFTER_MB = (2, 3, 4)  # Where the disk ends; all orders need more.
INSIDE = "DISK_FULL_TEST_INSIDE"


def enter_namespace():
    """Runs this script again where it may mount; exits."""
    for options in (["--mount"], ["--mount", "--map-root-user"]):
        tried = ["unshare", *options, "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
        if subprocess.run(tried, capture_output=True).returncode == 0:
            environment = dict(os.environ, **{INSIDE: "1"})
            sys.exit(subprocess.run(["unshare", *options, sys.executable, "-B", *sys.argv], env=environment).returncode)
    print("skipped: this user may not mount a tmpfs, neither as root nor in a user namespace", file=sys.stderr)
    sys.exit(SKIPPED)


class DiskFullTest(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory(prefix="souk-orders-")
        self.addCleanup(self.work.cleanup)
        write_dataset(self.work.name, ORDERS)

    def mount(self, folder, size_mb):
        os.makedirs(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "none", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", folder], check=False)

    def test_a_full_disk_stops_the_store_and_nothing_is_lost(self):
        with Store(BIN_DIR) as undisturbed:
            expected = import_into(undisturbed, self.work.name)
        for size_mb in FULL_AFTER_MB:
            with self.subTest(size_mb=size_mb):
                self.fill_and_go_on(size_mb, expected)

    def fill_and_go_on(self, size_mb, expected):
        store = Store(BIN_DIR)
        self.addCleanup(store.close)
        self.mount(store.data_dir, size_mb)
        store.start()
        report = os.path.join(store.folder, "report.json")
        importing = start_import(store, self.work.name, report)
        self.addCleanup(importing.kill)
        self.assertEqual(store.process.wait(timeout=120), 1, store.read_log())
        store.process.stdout.close()
        self.assertIn("No space left on device", store.read_log())
        last_line = store.read_log().strip().splitlines()[-1]
        self.assertIn("error: ", last_line)
        self.assertIn("make space", last_line)

        subprocess.run(["mount", "-o", "remount,size=256m", store.data_dir], check=True)
        store.start()
        finish(importing, store)
        self.assertEqual(comparable(read_report(report)), comparable(expected))
        store.ctl("verify")


if __name__ == "__main__":
    BIN_DIR = sys.argv[1]
    if INSIDE not in os.environ:
        enter_namespace()
    unittest.main(argv=["disk_full_test.py"], verbosity=2)

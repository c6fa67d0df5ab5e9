"""Backups of a store that serves, and the drill: lose the folder, restore it, go on.

usage: backup_test.py BIN_DIR SHOP_DIR [--orders N]
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import unittest

from import_report import comparable, finish, import_into, read_report, start_import
from orders import write_dataset
from store import Store

OPTIONS = None


def soukctl(*arguments):
    return subprocess.run([os.path.join(OPTIONS.bin_dir, "soukctl"), *arguments], capture_output=True, text=True,
                          timeout=120, stdin=subprocess.DEVNULL)


class BackupTest(unittest.TestCase):
    """One store, backed up in the middle of an import and after it; the tests lose and restore it."""

    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="souk-backup-")
        dataset = os.path.join(cls.work.name, "orders")
        os.mkdir(dataset)
        write_dataset(dataset, OPTIONS.orders)
        cls.dataset = dataset
        cls.backups = os.path.join(cls.work.name, "backups")
        cls.master_key = os.path.join(cls.work.name, "master.key")
        cls.store = Store(OPTIONS.bin_dir)
        cls.store.start()
        report = os.path.join(cls.store.folder, "report.json")
        importing = start_import(cls.store, dataset, report)
        cls.in_the_middle = cls.create()
        finish(importing, cls.store)
        cls.report = read_report(report)
        cls.hash = cls.store.ctl("hash").stdout
        cls.at_the_end = cls.create()
        shutil.copy(os.path.join(cls.store.data_dir, "master.key"), cls.master_key)

    @classmethod
    def tearDownClass(cls):
        cls.store.close()
        cls.work.cleanup()

    @classmethod
    def create(cls, *arguments):
        return json.loads(cls.store.ctl("--json", "backup", "create", cls.backups, *arguments).stdout)

    def lose_folder(self):
        if self.store.process.poll() is None:
            self.store.kill()
        shutil.rmtree(self.store.data_dir, ignore_errors=True)

    def restore(self, *arguments):
        return soukctl("backup", "restore", self.backups, "--data", self.store.data_dir, *arguments)

    def test_a_lost_folder_is_restored_to_the_same_state_and_goes_on(self):
        self.lose_folder()
        done = self.restore("--master-key", self.master_key)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(soukctl("verify", "--data", self.store.data_dir).returncode, 0)
        self.store.start()
        self.assertEqual(self.store.ctl("hash").stdout, self.hash)
        self.store.ctl("demo", "--shop", OPTIONS.shop)  # New orders, with pictures and personal data.

    def test_a_backup_taken_while_commands_came_in_is_one_moment_of_all_services(self):
        self.lose_folder()
        done = self.restore("--backup", str(self.in_the_middle["id"]), "--master-key", self.master_key)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.store.start()
        # The import repeats what the backup does not have, with the same requests.
        again = comparable(import_into(self.store, self.dataset))
        self.assertEqual(again, comparable(self.report))

    def test_backups_are_listed_and_verified(self):
        listed = soukctl("backup", "list", self.backups)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn("catalog,cart,order,payment,shipping,notification", listed.stdout)
        self.assertEqual(soukctl("backup", "verify", self.backups).returncode, 0)
        self.assertEqual(soukctl("backup", "verify", self.backups, "--backup", "99").returncode, 1)

    def test_a_damaged_backup_is_found_and_not_restored(self):
        damaged = os.path.join(self.work.name, "damaged")
        shutil.copytree(self.backups, damaged)
        names = [os.path.join(folder, name) for folder, _, files in os.walk(os.path.join(damaged, "stores", "order"))
                 for name in files if name.endswith(".sst")]
        largest = max(names, key=os.path.getsize)
        with open(largest, "r+b") as file:
            file.seek(os.path.getsize(largest) // 2)
            file.write(b"damage")
        done = soukctl("backup", "verify", damaged)
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.assertIn(os.path.basename(largest), done.stderr)
        target = os.path.join(self.work.name, "from-damaged")
        self.assertNotEqual(soukctl("backup", "restore", damaged, "--data", target).returncode, 0)
        refused = subprocess.run([os.path.join(OPTIONS.bin_dir, "soukd"), "--data", target, "--listen", "127.0.0.1:0"],
                                 capture_output=True, text=True, timeout=60)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("restore again", refused.stderr)

    def test_a_store_without_its_master_key_does_not_start(self):
        target = os.path.join(self.work.name, "keyless")
        done = soukctl("backup", "restore", self.backups, "--data", target)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("master.key", done.stdout)
        command = [os.path.join(OPTIONS.bin_dir, "soukd"), "--data", target, "--listen", "127.0.0.1:0",
                   "--clock", "manual"]
        for key, message in ((None, "master.key is missing"), (b"k" * 32, "not the one")):
            if key:
                with open(os.path.join(target, "master.key"), "wb") as file:
                    file.write(key)
            refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(message, refused.stderr)

    def test_a_folder_with_data_is_not_restored_into(self):
        target = os.path.join(self.work.name, "full")
        os.mkdir(target)
        with open(os.path.join(target, "thesis.txt"), "w", encoding="utf-8") as file:
            file.write("years of work")
        done = soukctl("backup", "restore", self.backups, "--data", target)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(os.listdir(target), ["thesis.txt"])
        # Nor does a store write backups among other things.
        with Store(OPTIONS.bin_dir) as store:
            self.assertEqual(store.ctl("backup", "create", target, check=False).returncode, 1)
            self.assertEqual(os.listdir(target), ["thesis.txt"])


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir")
    parser.add_argument("shop")
    parser.add_argument("--orders", type=int, default=40)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=["backup_test.py", *rest], verbosity=2)


if __name__ == "__main__":
    main()

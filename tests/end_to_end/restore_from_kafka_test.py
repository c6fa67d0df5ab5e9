"""The drill: lose the disk, make it again from Kafka, go on.

usage: restore_from_kafka_test.py BIN_DIR SHOP_DIR [--orders N]
Needs tools/install --kafka.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import unittest

from import_report import comparable, import_into, start_import
from kafka_store import Broker, KafkaStore, wait_for
from orders import write_dataset
from processes import Processes
from store import Store
from topic_check import check_topics

OPTIONS = None


def soukctl(*arguments):
    return subprocess.run([os.path.join(OPTIONS.bin_dir, "soukctl"), *arguments], capture_output=True, text=True,
                          timeout=300, stdin=subprocess.DEVNULL, check=False)


def stop_in_the_middle(case, store, dataset):
    """Imports for a while, and comes to rest. Returns the digests of the state."""
    report = os.path.join(store.folder, "never.json")
    importing = start_import(store, dataset, report)
    before = events_of(store)
    wait_for("some orders are imported", lambda: events_of(store) > before + OPTIONS.orders * 10)
    case.assertIsNone(importing.poll(), "the import is over already")
    importing.kill()
    importing.communicate()
    store.ctl("time", "advance", "+0s")
    return store.ctl("hash").stdout


def events_of(store):
    lines = store.ctl("status").stdout.splitlines()[1:]
    return sum(int(line.split()[2]) for line in lines if not line.startswith(" "))


class RestoreFromKafkaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="souk-restore-")
        cls.dataset = os.path.join(cls.work.name, "orders")
        os.mkdir(cls.dataset)
        write_dataset(cls.dataset, OPTIONS.orders)
        with Store(OPTIONS.bin_dir) as store:
            cls.report = import_into(store, cls.dataset)

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def check_end(self, store):
        """The import ends as if nothing had been lost, and everybody was told everything once."""
        report = import_into(store, self.dataset)
        self.assertEqual(comparable(report), comparable(self.report))
        self.assertEqual(report["trial_balance"], 0)
        self.assertEqual(len(store.mails()), sum(report["mails_by_template"].values()))
        store.ctl("verify")
        if isinstance(store, KafkaStore):
            store.wait_until_published()  # Here feeds do not wait for it, so that rest does not mean it.
        print(check_topics(store), end="")

    def refused(self, store):
        """What a store says that does not start."""
        done = subprocess.run(store.command_line(), capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def test_a_store_whose_backup_is_too_old_is_made_again_from_kafka(self):
        with Broker(os.path.join(self.work.name, "kafka"), OPTIONS.bin_dir) as broker:
            with KafkaStore(OPTIONS.bin_dir, broker, ["kafka.log_topic=true"]) as store:
                self.lose_and_restore(store, broker)

    def lose_and_restore(self, store, broker):
        backups = os.path.join(self.work.name, "backups")
        master_key = os.path.join(self.work.name, "master.key")
        photo = os.path.join(store.data_dir, "catalog/files/media/photo")
        with open(photo, "wb") as file:
            file.write(b"a thousand words")
        store.ctl("backup", "create", backups)
        before = stop_in_the_middle(self, store, self.dataset)
        self.assertEqual(store.stop(), 0, store.read_log())
        shutil.copy(os.path.join(store.data_dir, "master.key"), master_key)
        restore = ["restore", "--data", store.data_dir, "--master-key", master_key]
        kafka = ["--from-kafka", "--brokers", broker.address]

        full = soukctl(*restore, *kafka)
        self.assertEqual(full.returncode, 1, full.stdout)
        self.assertIn("has data; restore into another folder", full.stderr)

        shutil.rmtree(store.data_dir)
        self.assertEqual(soukctl(*restore, "--from-backup", backups).returncode, 0)
        complaint = self.refused(store)
        self.assertIn("the data folder is older than what was published", complaint)
        self.assertIn("soukctl restore --from-kafka", complaint)

        shutil.rmtree(store.data_dir)
        done = soukctl(*restore, *kafka, "--files-from", backups)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("all verified", done.stdout)
        store.start()
        self.assertEqual(store.ctl("hash").stdout, before)
        self.assertTrue(os.path.exists(photo))
        self.check_end(store)
        store.ctl("demo", "--shop", OPTIONS.shop)

    def test_one_of_six_processes_is_made_again_while_the_others_keep_their_data(self):
        with Processes(OPTIONS.bin_dir, kafka=True, arguments=["--log-topics"]) as store:
            before = stop_in_the_middle(self, store, self.dataset)
            self.assertEqual(store.stop(), 0, store.read_log())
            broker = Broker(os.path.join(store.data_dir, "kafka"), OPTIONS.bin_dir)
            broker.start()
            for service in ("order", "payment"):
                folder = os.path.join(store.data_dir, service)
                shutil.copy(os.path.join(folder, "master.key"), os.path.join(self.work.name, service))
                shutil.rmtree(folder)
                done = soukctl("--json", "restore", "--from-kafka", "--brokers", broker.address, "--service", service,
                               "--data", folder, "--master-key", os.path.join(self.work.name, service))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertGreater(json.loads(done.stdout)["events"], 0)
            broker.stop()
            store.start()
            self.assertEqual(store.ctl("hash").stdout, before)
            self.check_end(store)
            self.assertEqual(store.stop(), 0, store.read_log())


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir")
    parser.add_argument("shop")
    parser.add_argument("--orders", type=int, default=40)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=["restore_from_kafka_test.py", *rest], verbosity=2)


if __name__ == "__main__":
    main()

"""A store that analysts have questions about, and what they ask it with."""

import csv
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections import Counter

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/end_to_end"))

from orders import write_dataset
from store import Store


def read(path):
    with open(path, "rb") as file:
        return file.read()


def json_lines(data):
    return [json.loads(line) for line in data.splitlines()]


class Analysts(unittest.TestCase):
    @classmethod
    def prepare(cls, options):
        """Imports into a store, exports of it what needs it running, and stops it."""
        cls.bin_dir = options.bin_dir
        cls.work = tempfile.mkdtemp(prefix="souk-analysts-")
        unittest.addModuleCleanup(shutil.rmtree, cls.work)
        cls.dataset = options.data
        if not cls.dataset:
            cls.dataset = os.path.join(cls.work, "dataset")
            os.mkdir(cls.dataset)
            write_dataset(cls.dataset, options.orders)
        cls.store = Store(options.bin_dir)
        unittest.addModuleCleanup(cls.store.close)
        cls.store.start()
        cls.store.ctl("import", "olist", cls.dataset, "--report", cls.path("report.json"), timeout=3000)
        cls.store.ctl("events", "export", "--out", cls.path("served.jsonl"))
        cls.store.ctl("events", "export", "--out", cls.path("stored.jsonl"), "--stored")
        cls.tailed = json_lines(cls.store.ctl("--json", "events", "tail").stdout)
        cls.held = cls.ctl("events", "export", "--data", cls.store.data_dir, check=False)
        cls.store.stop()
        cls.events = json_lines(read(cls.path("served.jsonl")))
        cls.counts = Counter(line["event"]["type"] for line in cls.events)

    @classmethod
    def path(cls, *names):
        return os.path.join(cls.work, *names)

    @classmethod
    def ctl(cls, *arguments, check=True, environment=None, file_bytes_max=None):
        """With file_bytes_max the kernel kills it when it writes more than that into one file."""
        limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max,) * 2)) if file_bytes_max else None
        done = subprocess.run([os.path.join(cls.bin_dir, "soukctl"), *arguments], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=600, check=False, env=environment, preexec_fn=limit)
        if check and done.returncode != 0:
            raise AssertionError(f"soukctl {' '.join(arguments)} exited with {done.returncode}:\n{done.stderr}")
        return done

    def export(self, *arguments, **options):
        return self.ctl("events", "export", "--data", self.store.data_dir, *arguments, **options)

    def ask(self, *arguments):
        return list(csv.reader(io.StringIO(self.ctl("replay", "--format", "csv", *arguments).stdout)))

    @classmethod
    def parquet(cls):
        folder = cls.path("parquet")
        if not os.path.exists(folder):
            cls.ctl("events", "export", "--data", cls.store.data_dir, "--format", "parquet", "--out", folder)
        return folder

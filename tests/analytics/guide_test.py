"""Runs the guide for analysts; tests/end_to_end/guide.py tells how.

usage: guide_test.py BIN_DIR GUIDE.md
"""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/end_to_end"))

from guide import check
from store import Store


def said_by(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, timeout=300, check=True)
    return done.stdout.strip()


def main():
    bin_dir, path = sys.argv[1:]
    python = os.path.join(said_by(os.path.join(ROOT, "tools/analytics/venv"), "--path"), "bin")
    kafka = os.path.join(ROOT, "tools/kafka")
    with tempfile.TemporaryDirectory(prefix="souk-guide-") as work:
        data = os.path.join(work, "kafka")
        said_by(kafka, "start", "--data", data, "--port", "0")
        try:
            with open(os.path.join(data, "port"), encoding="utf-8") as file:
                brokers = "127.0.0.1:" + file.read()
            said_by(os.path.join(bin_dir, "soukctl"), "topics", "create", "--brokers", brokers, "--single-node")
            # As the guide starts it.
            with Store(bin_dir, arguments=["--set", f"kafka.brokers={brokers}"]) as store:
                check(path, {"PATH": f"{python}:{bin_dir}:{os.environ['PATH']}", "SOUK_ADDRESS": store.address,
                             "work": work, "brokers": brokers})
        finally:
            said_by(kafka, "stop", "--data", data)


if __name__ == "__main__":
    main()

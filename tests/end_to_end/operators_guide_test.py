"""Runs the guide for operators, and looks whether it and the alerts know what there is to know.

usage: operators_guide_test.py BIN_DIR GUIDE.md
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from guide import ROOT, check
from store import free_ports

ALERTS = ROOT / "deploy/chart/prometheus/alerts.yaml"


def full_names(table_text):
    """`souk_a`, `…_b` of a table's rows: {"souk_a", "souk_b"}; the second one has the beginning of the first."""
    names = set()
    for row in re.findall(r"^\| (`souk_.*?) \|", table_text, re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", row)
        names.add(first)
        names.update(first.rsplit("_", 1)[0] + other.removeprefix("…") for other in others)
    return names


def check_tables(guide, scraped):
    """`scraped`: what a store that publishes to Kafka says of itself."""
    metrics = set(re.findall(r"^# TYPE (souk_\w+)", scraped, re.MULTILINE))
    assert full_names(guide) == metrics, f"the guide's table of metrics is off: {full_names(guide) ^ metrics}"
    alerts = ALERTS.read_text(encoding="utf-8")
    names = set(re.findall(r"alert: (\w+)", alerts))
    explained = set(re.findall(r"^\| (Souk\w+) \|", guide, re.MULTILINE))
    assert names == explained, f"the guide's table of alerts is off: {names ^ explained}"
    used = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"\bsouk_\w+", alerts)}
    assert used <= metrics, f"alerts on what nobody measures: {used - metrics}"


def main():
    bin_dir, path = os.path.abspath(sys.argv[1]), sys.argv[2]
    ports = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="souk-guide-") as work:
        try:
            check(path, {"PATH": f"{bin_dir}:{os.environ['PATH']}", "SOUK_ADDRESS": f"127.0.0.1:{ports[0]}",
                         "metrics": f"127.0.0.1:{ports[1]}", "work": work})
            check_tables(Path(path).read_text(encoding="utf-8"), Path(work, "metrics").read_text(encoding="utf-8"))
        finally:
            subprocess.run([ROOT / "tools/kafka", "stop", "--data", os.path.join(work, "kafka")], check=False,
                           capture_output=True, stdin=subprocess.DEVNULL, timeout=120)


if __name__ == "__main__":
    main()

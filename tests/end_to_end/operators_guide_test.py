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


def names_in_sources():
    """All metrics, also those that are only there when something is wrong."""
    return {name for path in (ROOT / "libs").rglob("*.cc")
            for name in re.findall(r'"(souk_\w+)"', path.read_text(encoding="utf-8"))}


def check_tables(guide):
    metrics = names_in_sources()
    explained = [name for row in re.findall(r"^\| (`souk_.*?) \|", guide, re.MULTILINE)
                 for name in re.findall(r"`([^`]+)`", row)]
    assert len(explained) > 10, "the guide has no table of metrics"
    for name in explained:  # `…_end` in a row stands for a name with that end.
        assert name in metrics or any(metric.endswith(name.removeprefix("…")) for metric in metrics), \
            f"nobody measures {name}"
    alerts = ALERTS.read_text(encoding="utf-8")
    names = set(re.findall(r"alert: (\w+)", alerts))
    described = set(re.findall(r"^\| (Souk\w+) \|", guide, re.MULTILINE))
    assert names == described, f"the guide's table of alerts is off: {names ^ described}"
    used = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"\bsouk_\w+", alerts)}
    assert used <= metrics, f"alerts on what nobody measures: {used - metrics}"


def main():
    bin_dir, path = os.path.abspath(sys.argv[1]), sys.argv[2]
    check_tables(Path(path).read_text(encoding="utf-8"))
    ports = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="souk-guide-") as work:
        try:
            check(path, {"PATH": f"{bin_dir}:{os.environ['PATH']}", "SOUK_ADDRESS": f"127.0.0.1:{ports[0]}",
                         "metrics": f"127.0.0.1:{ports[1]}", "work": work})
        finally:
            subprocess.run([ROOT / "tools/kafka", "stop", "--data", os.path.join(work, "kafka")], check=False,
                           capture_output=True, stdin=subprocess.DEVNULL, timeout=120)


if __name__ == "__main__":
    main()

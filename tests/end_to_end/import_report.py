"""Starting soukctl import, and its report."""

import json
import os
import subprocess

# What may differ between two runs that end in the same.
NOT_COMPARED = ("seconds", "calls")


def comparable(report):
    return {key: value for key, value in report.items() if key not in NOT_COMPARED}


def start_import(store, dataset, report):
    return subprocess.Popen(
        [os.path.join(store.bin_dir, "soukctl"), "--address", store.address, "import", "olist", dataset,
         "--report", report, "--retry-for", "60s"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(process, store):
    _, error = process.communicate()
    if process.returncode != 0:
        raise AssertionError(f"the import failed: {error.decode()[-2000:]}\nsoukd: {store.read_log()}")


def read_report(report):
    with open(report, encoding="utf-8") as file:
        return json.load(file)


def import_into(store, dataset):
    report = os.path.join(store.folder, "report.json")
    finish(start_import(store, dataset, report), store)
    return read_report(report)

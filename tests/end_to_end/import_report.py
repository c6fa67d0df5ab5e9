"""Starting soukctl import, and its report."""

import json
import os
import random
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


def import_under_kills(store, dataset, kills, kill, pause_s):
    """Imports while kill(number) is called at random moments until it has returned True `kills` times. An import that
    ends before then is done again from the beginning, which repeats every request. Every third kill is one of the
    import, too. Returns the report."""
    rng = random.Random(kills)
    report = os.path.join(store.folder, "report.json")
    importing = start_import(store, dataset, report)
    killed = 0
    while killed < kills:
        try:
            importing.wait(timeout=rng.uniform(0.1, 1) * pause_s)
            finish(importing, store)
            importing = start_import(store, dataset, report)
        except subprocess.TimeoutExpired:
            pass
        if not kill(killed):
            continue
        killed += 1
        if killed % 3 == 0:
            importing.kill()
            importing.communicate()
            importing = start_import(store, dataset, report)
    finish(importing, store)
    return read_report(report)

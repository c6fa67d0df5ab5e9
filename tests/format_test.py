#!/usr/bin/env python3
"""All C++ is formatted as clang-format 19 and .clang-format say."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import repo

SKIPPED = 77  # What tests/CMakeLists.txt takes for "skipped".
BATCH = 20


def violations_in(paths):
    run = subprocess.run(["clang-format-19", "--dry-run", *paths], cwd=repo.ROOT, capture_output=True, text=True,
                         check=False)
    found = re.findall(r"^(\S+?):(\d+):\d+: \w+: code should be clang-formatted", run.stderr, re.MULTILINE)
    if run.returncode != 0 and not found:
        return [run.stderr.strip()]
    first = {}
    for path, line in found:
        first.setdefault(path, line)
    return [f"{path}:{line}: is not formatted; run clang-format-19 -i {path}" for path, line in first.items()]


def main():
    if shutil.which("clang-format-19") is None:
        print("skipped: clang-format-19 is not installed; tools/install brings it")
        sys.exit(SKIPPED)
    sources = [path for path in repo.files() if path.endswith((".h", ".cc"))]
    batches = [sources[start:start + BATCH] for start in range(0, len(sources), BATCH)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        repo.finish([problem for problems in pool.map(violations_in, batches) for problem in problems], len(sources))


if __name__ == "__main__":
    main()

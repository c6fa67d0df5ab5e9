#!/usr/bin/env python3
"""Runs the guide for frontends; tests/end_to_end/guide.py tells how.

usage: guide_test.py BIN_DIR GUIDE.md
"""

import sys

from gateway import ROOT, Gateway, Store
from guide import check


def main():
    bin_dir, path = sys.argv[1:]
    # As the guide starts them.
    with Store(bin_dir, start_time="2026-03-02") as store:
        store.ctl("demo", "--shop", str(ROOT / "tools/demo_shop"))
        with Gateway(bin_dir, store.address) as gateway:
            check(path, {"gateway": f"http://{gateway.address}"})


if __name__ == "__main__":
    main()

"""A seed is the same history on another build type, byte for byte.

usage: build_types_test.py SOURCE_DIR BIN_DIR
Builds souk-sim without optimisation into SOURCE_DIR/build/plain, and compares its traces with those of BIN_DIR.
"""

import filecmp
import os
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE_DIR, BIN_DIR = (os.path.abspath(path) for path in sys.argv[1:3])
PLAIN_DIR = os.path.join(SOURCE_DIR, "build", "plain")
# Enough to have every kind of world: with and without Kafka, its feeds, and the topics of logs.
WORLDS = [("--seed", str(seed), "--orders", "10") for seed in range(1, 9)] + [("--seed", "3", "--story", "quickstart")]


def run(*command):
    done = subprocess.run(["nice", "-n", "19", *command], cwd=SOURCE_DIR, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")


def trace(bin_dir, world, path):
    run(os.path.join(bin_dir, "souk-sim"), *world, "--trace", path)
    return path


class BuildTypesTest(unittest.TestCase):
    def test_every_world_is_the_same_without_optimisation(self):
        start = time.monotonic()
        run("cmake", "--preset", "dev", "-B", PLAIN_DIR, "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -D_GLIBCXX_ASSERTIONS")
        run("cmake", "--build", PLAIN_DIR, "--target", "souk-sim")
        print(f"built in {time.monotonic() - start:.0f} s")
        with tempfile.TemporaryDirectory(prefix="souk-traces-") as folder:
            for world in WORLDS:
                with self.subTest(world=" ".join(world)):
                    one = trace(BIN_DIR, world, os.path.join(folder, "optimised"))
                    other = trace(os.path.join(PLAIN_DIR, "bin"), world, os.path.join(folder, "plain"))
                    self.assertGreater(os.path.getsize(one), 20_000)
                    self.assertTrue(filecmp.cmp(one, other, shallow=False), "the traces differ")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)

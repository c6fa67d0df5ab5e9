"""What an operator meets: wrong options, two processes on a folder, damage, stopping.

usage: operator_test.py BIN_DIR
"""

import os
import subprocess
import sys
import tempfile
import unittest

from store import Store

BIN_DIR = sys.argv[1]


def run(program, *arguments):
    return subprocess.run([os.path.join(BIN_DIR, program), *arguments], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)


def fill_carts(store):
    done = run("souk-load", "--address", store.address, "--workload", "additem", "--in-flight", "8", "--seconds", "1",
               "--warmup", "0", "--sync-folder", store.folder)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)


class OperatorTest(unittest.TestCase):
    def test_programs_say_what_they_are(self):
        for program in ("soukd", "soukctl", "souk-load", "souk-order"):
            self.assertEqual(run(program, "--version").returncode, 0, program)
            self.assertEqual(run(program, "--help").returncode, 0, program)
        self.assertIn("payment.commission_basis_points", run("soukd", "--print-config").stdout)

    def test_wrong_options_are_refused_with_the_way_out(self):
        cases = [(("--listen", "0.0.0.0:7400"), "loopback"),
                 (("--set", "payment.comission_basis_points=1"), "payment.commission_basis_points"),
                 (("--services", "order,basket"), "basket"),
                 (("--services", "ordr"), "did you mean order?"),
                 (("--lisen", "127.0.0.1:0"), "soukd has no option --lisen; did you mean --listen?"),
                 (("--config", "/nope.toml"), "cannot read the settings in /nope.toml: No such file or directory"),
                 (("--config", "/tmp"), "Is a directory"),
                 (("--clock", "sundial"), "sundial")]
        for arguments, word in cases:
            done = run("soukd", "--data", "/nonexistent/souk", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(word, done.stderr)

    def test_a_mistyped_command_is_named_with_the_nearest_one(self):
        cases = [(("statsu",), 'soukctl has no command "statsu"; did you mean status?'),
                 (("events", "tial"), 'soukctl events has no command "tial"; did you mean tail?'),
                 (("status", "--jsn"), "soukctl status has no option --jsn; did you mean --json?")]
        for arguments, message in cases:
            done = run("soukctl", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(message, done.stderr)

    def test_without_a_command_there_is_help(self):
        for arguments in ((), ("events",)):
            done = run("soukctl", *arguments)
            self.assertEqual(done.returncode, 0)
            self.assertIn("Usage: " + " ".join(("soukctl",) + arguments) + " [OPTIONS] SUBCOMMAND", done.stdout)

    def test_a_port_that_is_taken_is_named_with_the_way_out(self):
        with Store(BIN_DIR) as store, tempfile.TemporaryDirectory(prefix="souk-port-") as folder:
            for setting in (("--listen", store.address),
                            ("--listen", "127.0.0.1:0", "--set", f"metrics.listen={store.address}")):
                done = run("soukd", "--data", os.path.join(folder, "data"), *setting)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{store.address}: another process has the port; stop it, or take another port",
                              done.stderr)

    def test_the_demo_finds_its_shop_from_any_folder(self):
        done = subprocess.run([os.path.abspath(os.path.join(BIN_DIR, "soukctl")), "--address", "127.0.0.1:1", "demo"],
                              cwd="/", capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 3)  # The shop is read first; it is the store that is missing.
        self.assertIn("cannot reach the store", done.stderr)

    def test_soukctl_says_when_it_cannot_reach_the_store(self):
        done = run("soukctl", "--address", "127.0.0.1:1", "status")
        self.assertEqual(done.returncode, 3)
        self.assertIn("start it with soukd", done.stderr)

    def test_a_second_process_on_the_folder_says_who_holds_it(self):
        with Store(BIN_DIR) as store:
            second = run("soukd", "--data", store.data_dir, "--listen", "127.0.0.1:0")
            self.assertEqual(second.returncode, 1)
            self.assertIn(f"process {store.process.pid}", second.stderr)

    def test_sigterm_stops_in_order_and_the_store_starts_again(self):
        with Store(BIN_DIR) as store:
            self.assertEqual(store.stop(), 0)
            store.start()
            store.ctl("status")

    def test_who_follows_events_goes_on_when_the_store_is_back(self):
        with Store(BIN_DIR) as store:
            tail = ["events", "tail", "--service", "cart", "--stored"]
            fill_carts(store)
            follower = subprocess.Popen(
                [os.path.join(BIN_DIR, "soukctl"), "--address", store.address, "--retry-for", "60s", *tail,
                 "--follow"], stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
            try:
                before = store.ctl(*tail).stdout.splitlines()
                seen = [follower.stdout.readline().rstrip("\n") for _ in before]
                store.kill()
                store.start()
                fill_carts(store)
                after = store.ctl(*tail).stdout.splitlines()
                seen += [follower.stdout.readline().rstrip("\n") for _ in range(len(after) - len(before))]
            finally:
                follower.kill()
                follower.communicate()
            self.assertGreater(len(after), len(before))
            self.assertEqual(seen, after)

    def test_the_clock_of_a_store_on_real_time_cannot_be_moved(self):
        with Store(BIN_DIR, start_time=None) as store:
            done = store.ctl("time", "advance", "+1d", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("--clock manual", done.stderr)

    def test_what_callers_send_leaves_no_line_in_the_log(self):
        with Store(BIN_DIR, arguments=("--set", "log.format=json")) as store:
            broken = b"\x0a\x03\xff\xfe\xfd"  # A request_id that is not UTF-8.
            done = subprocess.run(
                ["curl", "-sS", "--max-time", "20", "--http2-prior-knowledge", "-H", "content-type: application/grpc",
                 "-H", "te: trailers", "-H", "x-souk-principal: buyer/b-1", "--data-binary", "@-", "-D", "-",
                 f"http://{store.address}/souk.cart.v1.CartService/CreateCart"],
                input=b"\0" + len(broken).to_bytes(4, "big") + broken, capture_output=True, timeout=60)
            self.assertIn(b"grpc-status: 3", done.stdout, done.stderr)
            self.assertEqual(store.read_log(), "")

    def test_a_flipped_byte_is_found(self):
        with Store(BIN_DIR) as store:
            fill_carts(store)
            store.stop()
            self.assertEqual(run("soukctl", "verify", "--data", store.data_dir).returncode, 0)
            # Into the middle of the largest file of the cart's store.
            folder = os.path.join(store.data_dir, "cart", "store")
            names = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith((".log", ".sst"))]
            largest = max(names, key=os.path.getsize)
            with open(largest, "r+b") as file:
                file.seek(os.path.getsize(largest) // 2)
                byte = file.read(1)
                file.seek(-1, os.SEEK_CUR)
                file.write(bytes([byte[0] ^ 0x40]))
            done = run("soukctl", "verify", "--data", store.data_dir)
            self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
            self.assertIn("cart", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=["operator_test.py"], verbosity=2)

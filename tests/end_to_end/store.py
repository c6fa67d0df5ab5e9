"""A store for a test: soukd on a folder of its own, on a free port, with a manual clock."""

import os
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
from free_ports import free_ports  # noqa: E402

START_TIMEOUT_S = 60


class Store:
    """Starts, kills and restarts soukd on one data folder."""

    def __init__(self, bin_dir, start_time="2016-09-01", program="soukd", arguments=()):
        self.bin_dir = bin_dir
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="souk-e2e-")
        self.mail_dir = os.path.join(self.folder, "mail")
        self.data_dir = os.path.join(self.folder, "data")
        self.log_path = os.path.join(self.folder, "soukd.log")
        os.mkdir(self.mail_dir)
        self.arguments = list(arguments)
        self.start_time = start_time
        self.port = free_ports(1)[0]
        self.process = None
        self.starts = 0

    def command_line(self):
        line = [os.path.join(self.bin_dir, self.program), "--data", self.data_dir,
                "--listen", f"127.0.0.1:{self.port}"]
        if self.start_time:
            line += ["--clock", "manual", "--start-time", self.start_time]
        return line + ["--set", f"notification.mail_dir={self.mail_dir}"] + self.arguments

    def start(self):
        """Returns when the store is ready."""
        self.starts += 1
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command_line(), stdout=subprocess.PIPE, stderr=log,
                                            stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT_S
        banner = ""
        while True:
            line = self.process.stdout.readline().decode()
            if not line or time.monotonic() > deadline:
                raise AssertionError("soukd did not start:\n" + banner + self.read_log())
            banner += line
            if line.strip() == "ready":
                break
        return banner

    def read_log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def kill(self):
        """As a power failure of the process: no word of warning."""
        self.process.send_signal(signal.SIGKILL)
        self._reap()

    def stop(self):
        """As an operator would; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def _reap(self):
        self.process.stdout.close()
        return self.process.wait(timeout=60)

    def close(self):
        """Stops what still runs; that it ends well is part of every test."""
        try:
            if self.process and self.process.poll() is None:
                code = self.stop()
                if code != 0:
                    raise AssertionError(f"{self.program} ended with {code}:\n{self.read_log()}")
        finally:
            subprocess.run(["rm", "-rf", self.folder], check=False)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def ctl(self, *arguments, check=True, timeout=300):
        """Runs soukctl against the store."""
        done = subprocess.run([os.path.join(self.bin_dir, "soukctl"), "--address", self.address, *arguments],
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"soukctl {' '.join(arguments)} exited with {done.returncode}:\n"
                                 f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}\nsoukd: {self.read_log()}")
        return done

    def mails(self):
        found = []
        for name in sorted(os.listdir(self.mail_dir)):
            if name.endswith(".eml"):
                with open(os.path.join(self.mail_dir, name), "rb") as file:
                    found.append(file.read())
        return found

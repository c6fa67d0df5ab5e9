"""A store for a test whose services are six processes, started by tools/run, with or without Kafka."""

import json
import os
import signal
import subprocess
import threading
import time

from store import ROOT, Store

START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 240
SERVICES = ("catalog", "cart", "order", "payment", "shipping", "notification")


class Processes(Store):
    """Kills one process or all; the supervisor starts again what it has not stopped itself."""

    def __init__(self, bin_dir, start_time="2016-09-01", kafka=False, arguments=()):
        super().__init__(bin_dir, start_time, "run", arguments)
        self.kafka = kafka
        self.kills = {}  # By process.
        self.last_killed = {}  # The start that was killed last, by process.
        self.follower = None

    def command_line(self):
        line = [os.path.join(ROOT, "tools", "run"), "--processes", "--bin", self.bin_dir, "--data", self.data_dir,
                "--free-ports", "--set", f"notification.mail_dir={self.mail_dir}", *self.arguments]
        if self.start_time:
            line += ["--clock", "manual", "--start-time", self.start_time]
        return line + (["--kafka"] if self.kafka else [])

    def start(self):
        """Returns when all are ready."""
        self.starts += 1
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.command_line(), stdout=subprocess.PIPE, stderr=log,
                                        stdin=subprocess.DEVNULL)
        ready = threading.Event()
        self.follower = threading.Thread(target=self._follow, args=(self.process.stdout, log, ready), daemon=True)
        self.follower.start()
        if not ready.wait(START_TIMEOUT_S) or self.process.poll() is not None:
            raise AssertionError("the processes did not start:\n" + self.read_log())

    @staticmethod
    def _follow(output, log, ready):
        with output, log:
            for line in output:
                log.write(line)
                log.flush()
                if line.strip() == b"ready":
                    ready.set()
        ready.set()

    def state(self):
        with open(os.path.join(self.data_dir, "processes.json"), encoding="utf-8") as file:
            return json.load(file)

    @property
    def address(self):
        return self.state()["address"]

    @property
    def brokers(self):
        return self.state()["kafka"]

    def kill(self, name=None):
        """As a power failure of one process, which the supervisor starts again; False if it was down already.
        Without a name of all, the supervisor included, which nobody starts again."""
        if name is None:
            pids = [process["pid"] for process in self.state()["processes"].values()]
            self.process.send_signal(signal.SIGKILL)
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            self._reap()
            return True
        process = self.state()["processes"][name]
        if self.last_killed.get(name) == process["starts"]:
            return False
        os.kill(process["pid"], signal.SIGKILL)
        self.last_killed[name] = process["starts"]
        self.kills[name] = self.kills.get(name, 0) + 1
        return True

    def _reap(self):
        code = self.process.wait(timeout=STOP_TIMEOUT_S)
        self.follower.join(timeout=STOP_TIMEOUT_S)
        self.last_killed.clear()
        return code

    def wait_until_all_serve(self, deadline_s=120):
        """After kills: until every process answers."""
        deadline = time.monotonic() + deadline_s
        while self.ctl("status", check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise AssertionError("some process does not come back:\n" + self.read_log())
            time.sleep(0.1)

"""A broker for a test, and a store that publishes to it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

from store import ROOT, Store, free_ports

WAIT_S = 120


def wait_for(what, condition, store=None):
    """Until condition() is true; returns what it was."""
    deadline = time.monotonic() + WAIT_S
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            log = store.read_log()[-4000:] if store else ""
            raise AssertionError(f"it did not come to this within {WAIT_S} s: {what}\n{log}")
        time.sleep(0.1)


class Broker:
    """tools/kafka on a folder, with the topics of the manifest."""

    def __init__(self, folder, bin_dir):
        self.folder = folder
        self.soukctl = os.path.join(bin_dir, "soukctl")
        self.port = "0"

    def _tool(self, *arguments):
        command = [sys.executable, "-B", os.path.join(ROOT, "tools/kafka"), *arguments, "--data", self.folder]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240,
                              check=False)
        if done.returncode != 0:
            raise AssertionError(f"tools/kafka {arguments[0]}: {done.stdout}{done.stderr}")

    def _read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        """On the port it had, if it had one."""
        self._tool("start", "--port", self.port)
        self.port = self._read("port")

    def stop(self):
        self._tool("stop")

    def send(self, number):
        os.kill(int(self._read("pid")), number)

    def pause(self):
        self.send(signal.SIGSTOP)

    def go_on(self):
        self.send(signal.SIGCONT)

    def make_topics(self):
        done = subprocess.run([self.soukctl, "topics", "create", "--single-node", "--log-topics", "--brokers",
                               self.address], capture_output=True, text=True, timeout=240, check=False)
        if done.returncode != 0:
            raise AssertionError(f"no topics: {done.stdout}{done.stderr}")

    def __enter__(self):
        self.start()
        self.make_topics()
        return self

    def __exit__(self, *_):
        self.stop()


class KafkaStore(Store):
    """soukd, all of whose events go over a broker."""

    def __init__(self, bin_dir, broker, settings=()):
        self.metrics = f"127.0.0.1:{free_ports(1)[0]}"
        self.brokers = broker.address
        arguments = ["--set", f"kafka.brokers={broker.address}", "--set", f"metrics.listen={self.metrics}"]
        for setting in settings:
            arguments += ["--set", setting]
        super().__init__(bin_dir, arguments=arguments)

    def measured(self, metric):
        """The values of a metric by topic."""
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return {topic: float(value)
                for topic, value in re.findall(rf'^{metric}{{.*topic="([^"]*)".*}} (\S+)$', text, re.MULTILINE)}

    def wait_until_published(self):
        """Until every topic has what the logs have now."""
        heads = {each["service"]: each["events"] for each in json.loads(self.ctl("--json", "status").stdout)}
        wait_for("everything is published", lambda: all(
            position >= heads[topic.split(".")[1]]
            for topic, position in self.measured("souk_publication_position").items()))

    def publication(self):
        """What soukctl tells of each topic."""
        return {topic["topic"]: topic for line in json.loads(self.ctl("--json", "status").stdout)
                for topic in line["publication"]}

    def held_up(self):
        """The topics that cannot be published to."""
        return {topic for topic, value in self.measured("souk_publication_held_up").items() if value}

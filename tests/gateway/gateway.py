"""The real Envoy in front of a real store, for a test."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/end_to_end"))

from store import Store  # Which tests take from here.


def token(principal, hours=12):
    return subprocess.run([ROOT / "tools/gateway", "token", principal, "--hours", str(hours)], check=True,
                          capture_output=True, text=True).stdout.strip()


class Gateway:
    """tools/gateway on a free port in front of a store."""

    def __init__(self, bin_dir, store_address, arguments=()):
        self.preset = Path(bin_dir).resolve().parent.name
        self.store_address = store_address
        self.arguments = arguments
        self.process = None
        self.address = ""

    def start(self):
        self.process = subprocess.Popen(
            [ROOT / "tools/gateway", "--preset", self.preset, "--listen", "127.0.0.1:0", "--store",
             self.store_address, *self.arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.match(r"gateway on http://(\S+)", line)
        if not found or self.process.stdout.readline() != "ready\n":
            self.process.stdout.close()
            self.process.wait(timeout=60)
            raise AssertionError(f"the gateway did not start: {line}")
        self.address = found.group(1)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """As an operator would; returns the exit code."""
        self.process.terminate()
        self.process.stdout.close()
        return self.process.wait(timeout=60)

    def curl(self, path, body=None, principal=None, headers=(), method=None):
        """What curl says: the HTTP status and the answer, parsed."""
        line = ["curl", "-sS", "--max-time", "60", "-w", "\n%{http_code}", f"http://{self.address}{path}"]
        if body is not None:
            line += ["-H", "content-type: application/json", "-d", json.dumps(body)]
        if principal:
            line += ["-H", f"authorization: Bearer {token(principal)}"]
        if method:
            line += ["-X", method]
        for header in headers:
            line += ["-H", header]
        done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=90)
        answer, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(answer) if answer else None

    def grpcurl(self, method, request, *arguments):
        """Calls by gRPC; returns the exit code, and what was printed."""
        tool = subprocess.run([ROOT / "tools/tool", "grpcurl"], check=True, stdout=subprocess.PIPE, text=True)
        schema = ROOT / "build" / self.preset / "share/souk/api.binpb"
        done = subprocess.run([tool.stdout.strip(), "-plaintext", "-max-time", "60", "-protoset", schema, *arguments,
                               "-d", json.dumps(request), self.address, method],
                              capture_output=True, text=True, check=False, timeout=90)
        return done.returncode, done.stdout + done.stderr

"""The schema of the events: what a release carries of it, what changes are refused, and its changelog.

usage: events_schema_test.py BUILD_DIR GOOGLEAPIS_DIR
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, GOOGLEAPIS = sys.argv[1:3]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BASELINE = os.path.join(ROOT, "tools/events_baseline")
CART_EVENTS = "souk/cart/events/v1/cart_events.proto"
CART_STORED = "souk/cart/v1/cart_events.proto"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False)


def soukctl(*arguments):
    return run(os.path.join(BUILD, "bin/soukctl"), *arguments)


class Compatibility(unittest.TestCase):
    def test_events_are_compatible_with_those_released(self):
        done = run(BASELINE, "--build", BUILD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def check_changed(self, path, old, new):
        """What the check says when `old` in the proto `path` is `new`."""
        with tempfile.TemporaryDirectory(prefix="souk-schema-") as work:
            protos = os.path.join(work, "proto")
            shutil.copytree(os.path.join(ROOT, "proto"), protos)
            with open(os.path.join(protos, path), encoding="utf-8") as file:
                text = file.read()
            self.assertIn(old, text)
            with open(os.path.join(protos, path), "w", encoding="utf-8") as file:
                file.write(text.replace(old, new, 1))
            share = os.path.join(work, "share/souk")
            os.makedirs(share)
            for name, folders in (("events", "souk/*/events/v1"), ("stored_events", "souk/*/v1")):
                chosen = glob.glob(f"{folders}/*_events.proto", root_dir=protos) + [
                    "souk/eventlog/v1/event_log_service.proto" if name == "events" else "souk/engine/v1/engine.proto"]
                done = run("protoc", "-I", protos, "-I", GOOGLEAPIS, "--include_imports",
                           f"--descriptor_set_out={share}/{name}.binpb", *chosen)
                self.assertEqual(done.returncode, 0, done.stderr)
            return run(BASELINE, "--build", work)

    def test_a_new_field_is_fine(self):
        done = self.check_changed(CART_EVENTS, "int32 added_quantity = 2;",
                                  "int32 added_quantity = 2;\n  string why = 3;")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_would_break_readers_or_writers_is_refused(self):
        for path in (CART_EVENTS, CART_STORED):
            with self.subTest(path):
                field = "string buyer_id = 2;"
                for new in ("string buyer = 2;", "bytes buyer_id = 2;", "string buyer_id = 9;",
                            "reserved 2; reserved \"buyer_id\";", "repeated string buyer_id = 2;"):
                    done = self.check_changed(path, field, new)
                    self.assertEqual(done.returncode, 1, f"{new}: {done.stdout} {done.stderr}")
                    self.assertIn("buyer_id", done.stdout)


class Schema(unittest.TestCase):
    def events(self):
        return json.loads(soukctl("--json", "events", "schema").stdout)

    def test_soukctl_carries_the_schema_of_the_build(self):
        with tempfile.TemporaryDirectory(prefix="souk-schema-") as work:
            out = os.path.join(work, "events.binpb")
            self.assertEqual(soukctl("events", "schema", "--out", out).returncode, 0)
            with open(out, "rb") as written, \
                    open(os.path.join(BUILD, "share/souk/events.binpb"), "rb") as built:
                self.assertEqual(written.read(), built.read())
            listed = run("protoc", f"--descriptor_set_in={out}", "--decode=souk.order.events.v1.OrderPlaced",
                         "souk/order/events/v1/order_events.proto")
            self.assertEqual(listed.returncode, 0, listed.stderr)

    def test_each_event_and_field_is_explained_and_has_a_table_of_its_own(self):
        events = self.events()
        self.assertGreater(len(events), 50)
        self.assertEqual(len({event["table"] for event in events}), len(events))
        for event in events:
            self.assertTrue(event["comment"], event["type"])
            for field in json.loads(soukctl("--json", "events", "schema", event["type"]).stdout):
                self.assertTrue(field["comment"], f"{event['type']} {field['name']}")
                # The table has the envelope under this name.
                self.assertNotEqual(field["name"], "event", event["type"])

    def test_an_unknown_event_is_told_with_the_way_out(self):
        done = soukctl("events", "schema", "OrderPlacd")
        self.assertEqual(done.returncode, 1)
        self.assertIn("soukctl events schema", done.stderr)

    def test_the_changelog_tells_of_every_public_event_and_of_no_other(self):
        with open(os.path.join(ROOT, "docs/events-changelog.md"), encoding="utf-8") as file:
            told = set(re.findall(r"`(souk\.\w+\.events\.v\d+\.\w+)`", file.read()))
        events = {event["type"] for event in self.events()}
        self.assertEqual(sorted(events - told), [], "docs/events-changelog.md does not tell of these")
        self.assertEqual(sorted(told - events), [], "docs/events-changelog.md tells of what there is not")


if __name__ == "__main__":
    unittest.main(argv=["events_schema_test.py"], verbosity=2)

"""What analysts do with a store: export its events, ask them questions, look at how things were.

usage: analysts_test.py BIN_DIR [--orders N] [--data DIR]
--data takes the public dataset instead of the small one that is made up; the answers are then also held to the
expected ones beside the questions.
"""

import argparse
import csv
import fcntl
import json
import os
import pty
import random
import shutil
import signal
import subprocess
import unittest

import csv_figures
from analysts import ROOT, Analysts, json_lines, read

QUESTIONS = os.path.join(ROOT, "tools/analytics/questions")
OPTIONS = None


def as_number(text):
    try:
        return float(text)
    except ValueError:
        return text


def comparable(rows):
    """Rows of an answer: numbers as numbers, whatever their type was."""
    return [[as_number("" if value is None else str(value)) for value in row] for row in rows]


def setUpModule():
    Analysts.prepare(OPTIONS)


class Exports(Analysts):
    def test_the_export_has_every_public_event_in_order(self):
        exported = [(line["event"]["service"], line["event"]["position"], line["event"]["event_id"],
                     line["event"]["type"]) for line in self.events]
        tailed = [(line["service"], line["position"], line["event_id"], line["type"]) for line in self.tailed]
        self.assertEqual(exported, tailed)
        self.assertGreater(len(exported), 1000)

    def test_the_data_folder_exports_the_same_as_the_running_store(self):
        for arguments, name in (((), "served.jsonl"), (("--stored",), "stored.jsonl")):
            self.export("--out", self.path("folder.jsonl"), "--force", *arguments)
            self.assertEqual(read(self.path("folder.jsonl")), read(self.path(name)))
        self.assertEqual(self.export().stdout.encode(), read(self.path("served.jsonl")))

    def test_a_folder_that_a_process_holds_is_refused(self):
        self.assertEqual(self.held.returncode, 1)
        self.assertIn("is held by soukd", self.held.stderr)

    def test_csv_says_the_same(self):
        self.export("--format", "csv", "--out", self.path("csv"))
        rows = {}
        for name in os.listdir(self.path("csv")):
            if name.endswith(".csv"):
                with open(self.path("csv", name), encoding="utf-8", newline="") as file:
                    rows.update({row["event.event_id"]: row for row in csv.DictReader(file)})
        self.assertEqual(len(rows), len(self.events))
        for line in self.events:
            row = rows[line["event"]["event_id"]]
            self.assertEqual(row["event.position"], str(line["event"]["position"]))
            for name, value in line.items():
                if isinstance(value, str):
                    self.assertEqual(row[name], value)
                elif isinstance(value, list):
                    self.assertEqual(json.loads(row[name]), value)
                elif isinstance(value, dict) and "minor_units" in value:
                    self.assertEqual(row[name + ".minor_units"], str(value["minor_units"]))

    def test_parquet_says_the_same(self):
        tables = {event["table"]: event["type"] for event in json.loads(self.ctl("--json", "events", "schema").stdout)}
        query = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables)
        counted = {tables[table]: int(count) for table, count in
                   self.ask("--events", self.parquet(), "--query", query)[1:]}
        self.assertEqual(counted, {kind: self.counts[kind] for kind in counted})
        placed = json.loads(self.ctl("replay", "--events", self.parquet(), "--format", "json", "--query",
                                     "SELECT order_id, total.minor_units AS total, len(lines) AS lines, "
                                     "CAST(shipping.arrive_until AS VARCHAR) AS arrive_until, "
                                     "strftime(place_time, '%Y-%m-%dT%H:%M:%SZ') AS place_time, "
                                     "event.position AS position FROM order_placed ORDER BY position").stdout)
        expected = [{"order_id": line["order_id"], "total": line["total"]["minor_units"],
                     "lines": len(line["lines"]), "arrive_until": line["shipping"]["arrive_until"],
                     "place_time": line["place_time"], "position": line["event"]["position"]}
                    for line in self.events if line["event"]["type"].endswith(".OrderPlaced")]
        self.assertEqual(placed, expected)

    def export_by_halves(self, out, form, between):
        """Exports the order service's events up to the middle, and the others after what `between` does."""
        chosen = ("--service", "order", "--format", form, "--out", out)
        orders = [line for line in self.events if line["event"]["service"] == "order"]
        self.export(*chosen, "--to", str(orders[len(orders) // 2]["event"]["position"]))
        between(chosen)
        self.export(*chosen, "--resume")
        self.assertIn(" 0 of them new", self.export(*chosen, "--resume").stderr)

    def test_an_export_that_is_killed_goes_on_to_the_same_bytes(self):
        for form, name in (("jsonl", "halves.jsonl"), ("csv", "halves-csv")):
            out, at_once = self.path(name), self.path("at-once-" + name)

            def sizes(path):
                names = [os.path.join(path, file) for file in os.listdir(path)] if os.path.isdir(path) else [path]
                return {file: os.path.getsize(file) for file in names if not file.endswith(".json")}

            def kill(chosen):
                before = sizes(out)
                killed = self.export(*chosen, "--resume", check=False, file_bytes_max=max(before.values()) + 1000)
                self.assertEqual(killed.returncode, -signal.SIGXFSZ)
                self.assertNotEqual(sizes(out), before)

            self.export_by_halves(out, form, kill)
            self.export("--service", "order", "--format", form, "--out", at_once)
            self.assertEqual([read(file) for file in sorted(sizes(out))],
                             [read(file) for file in sorted(sizes(at_once))])

    def test_an_export_that_is_killed_anywhere_again_and_again_ends_with_the_same_bytes(self):
        rng = random.Random(7)
        positions = [line["event"]["position"] for line in self.events if line["event"]["service"] == "order"]
        out, unbroken = self.path("shreds.jsonl"), self.path("unbroken.jsonl")
        self.export("--service", "order", "--out", unbroken)
        expected = read(unbroken)
        for target in sorted(rng.sample(positions[:-1], 4)):
            self.export("--service", "order", "--out", out, "--resume", "--to", str(target))
            record = os.path.getsize(out + ".export.json")
            in_the_file = rng.randrange(max(len(read(out)), record) + 1, len(expected))
            for file_bytes_max in (in_the_file, rng.randrange(record)):
                killed = self.export("--service", "order", "--out", out, "--resume", check=False,
                                     file_bytes_max=file_bytes_max)
                self.assertEqual(killed.returncode, -signal.SIGXFSZ)
                self.assertTrue(expected.startswith(read(out)))
                if file_bytes_max == in_the_file:
                    self.assertEqual(len(read(out)), in_the_file)
        self.export("--service", "order", "--out", out, "--resume")
        self.assertEqual(read(out), expected)

    def test_parquet_that_a_killed_export_left_is_not_counted_twice(self):
        out = self.path("halves-parquet")
        placed = os.path.join(out, "order_placed")

        def leave(_):
            shutil.copy(os.path.join(placed, "part-00001.parquet"), os.path.join(placed, "part-00007.parquet"))
            shutil.copy(os.path.join(placed, "part-00001.parquet"), os.path.join(out, "mine.parquet"))

        self.export_by_halves(out, "parquet", leave)
        self.assertEqual(sorted(os.listdir(placed)), ["part-00001.parquet", "part-00002.parquet"])
        self.assertTrue(os.path.exists(os.path.join(out, "mine.parquet")))
        count = self.ask("--events", out, "--query", "SELECT count(*), count(DISTINCT order_id) FROM order_placed")
        self.assertEqual(count[1], [str(self.counts["souk.order.events.v1.OrderPlaced"])] * 2)

    def test_nothing_is_overwritten_but_exports(self):
        file, folder = self.path("mine.txt"), self.path("mine")
        os.mkdir(folder)
        for path in (file, os.path.join(folder, "order_placed.csv")):
            with open(path, "w", encoding="utf-8") as mine:
                mine.write("mine")
        for arguments, words in ((("--out", file), "--force overwrites"), (("--out", file, "--resume"), "no export"),
                                 (("--format", "csv", "--out", folder), "another --out"),
                                 (("--format", "csv", "--out", folder, "--force"), "another --out")):
            refused = self.export(*arguments, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(words, refused.stderr)
        self.assertEqual([read(file), read(os.path.join(folder, "order_placed.csv"))], [b"mine", b"mine"])
        self.export("--out", file, "--force", "--type", "OrderPlaced")
        self.assertIn(b"OrderPlaced", read(file))

    def test_an_export_anew_leaves_nothing_of_the_one_before(self):
        out = self.path("anew")
        self.export("--format", "csv", "--out", out)
        self.assertIn("as csv", self.export("--format", "parquet", "--out", out, "--resume", check=False).stderr)
        self.export("--format", "csv", "--out", out, "--force", "--type", "OrderPlaced")
        self.assertEqual(sorted(os.listdir(out)), ["export.json", "order_placed.csv"])
        os.remove(os.path.join(out, "order_placed.csv"))
        gone = self.export("--format", "csv", "--out", out, "--resume", "--type", "OrderPlaced", check=False)
        self.assertIn("order_placed.csv is gone", gone.stderr)

    def test_a_terminal_shows_a_bar(self):
        ours, terminal = pty.openpty()
        command = ("events", "export", "--data", self.store.data_dir, "--out", self.path("bar.jsonl"))
        shown = b""
        with subprocess.Popen([os.path.join(self.bin_dir, "soukctl"), *command], stderr=terminal) as export:
            os.close(terminal)
            try:
                while more := os.read(ours, 65536):
                    shown += more
            except OSError:  # Linux says so that the other end is closed.
                pass
        os.close(ours)
        self.assertEqual(export.returncode, 0)
        self.assertRegex(shown, rb"\[#+ +\] +\d+ %")
        self.assertIn(b"[####################] 100 %", shown)

    def test_two_exports_do_not_write_one_file(self):
        out = self.path("held.jsonl")
        with open(out, "w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assertIn("another process", self.export("--out", out, check=False).stderr)
        self.export("--out", out)

    def test_a_pipe_takes_an_export(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        with open(self.path("piped.jsonl"), "wb") as file, subprocess.Popen(["cat", pipe], stdout=file):
            self.export("--out", pipe)
        self.assertEqual(read(self.path("piped.jsonl")), read(self.path("served.jsonl")))

    def test_chosen_types_times_and_positions(self):
        placed = [line for line in self.events if line["event"]["type"].endswith(".OrderPlaced")]
        self.assertEqual(json_lines(self.export("--type", "OrderPlaced").stdout), placed)
        middle = placed[len(placed) // 2]["event"]
        since = json_lines(self.export("--type", "OrderPlaced", "--since", middle["record_time"]).stdout)
        until = json_lines(self.export("--type", "OrderPlaced", "--until", middle["record_time"]).stdout)
        self.assertEqual(until + since, placed)
        self.assertLess(len(until), len(placed))
        as_of = json_lines(self.export("--type", "OrderPlaced", "--as-of", middle["record_time"]).stdout)
        self.assertEqual(as_of[-1]["event"]["record_time"], middle["record_time"])
        order = ("--service", "order", "--type", "OrderPlaced")
        before = json_lines(self.export(*order, "--as-of", str(middle["position"])).stdout)
        after = json_lines(self.export(*order, "--after", str(middle["position"])).stdout)
        self.assertEqual(before + after, placed)
        self.assertEqual(before[-1]["event"]["position"], middle["position"])

    def test_wrong_choices_are_refused_with_the_way_out(self):
        out = self.path("refused.jsonl")
        self.export("--out", out, "--type", "OrderPlaced")
        for arguments, word in ((("--to", "5"), "--service"), (("--type", "OrderPlacd"), "mean OrderPlaced?"),
                                (("--stored", "--type", "order.plcd"), "mean order.placed?"),
                                (("--service", "orders"), "mean order?"), (("--format", "xml"), "parquet"),
                                (("--format", "csv"), "--out"), (("--since", "yesterday"), "2017-02-01"),
                                (("--out", out), "--resume"), (("--out", out, "--resume"), "another --out")):
            done = self.export(*arguments, check=False)
            self.assertEqual(done.returncode, 2 if "xml" in arguments else 1, arguments)
            self.assertIn(word, done.stderr)
        self.assertIn("nowhere", self.ctl("events", "export", "--data", self.path("nowhere"), check=False).stderr)


class Questions(Analysts):
    def test_the_answers_are_those_of_the_csv_files(self):
        figures = csv_figures.figures(self.dataset)
        names = sorted(name[:-4] for name in os.listdir(QUESTIONS) if name.endswith(".sql"))
        self.assertEqual(names, sorted(figures))
        for name in names:
            with self.subTest(name):
                header, *rows = self.ask("--events", self.parquet(), name)
                self.assertTrue(rows)
                self.assertEqual(comparable(rows), comparable(figures[name]))
                with open(os.path.join(QUESTIONS, name + ".expected.csv"), encoding="utf-8", newline="") as file:
                    expected = list(csv.reader(file))
                self.assertEqual(header, expected[0])
                if OPTIONS.data:
                    self.assertEqual(rows, expected[1:])

    def test_a_read_model_of_ones_own_is_a_file_of_sql(self):
        sql = self.path("mine.sql")
        with open(sql, "w", encoding="utf-8") as file:
            file.write("-- Mine.\nCREATE VIEW mine AS SELECT seller_id, count(*) AS orders FROM order_placed "
                       "GROUP BY seller_id;\nSELECT sum(orders) FROM mine;\n")
        placed = str(self.counts["souk.order.events.v1.OrderPlaced"])
        self.assertEqual(self.ask("--data", self.store.data_dir, "--sql", sql)[1], [placed])
        database = self.path("mine.duckdb")
        self.ctl("replay", "--data", self.store.data_dir, "--sql", sql, "--database", database)
        self.assertGreater(os.path.getsize(database), 0)

    def test_questions_about_the_past(self):
        middle = self.events[len(self.events) // 2]["event"]["record_time"]
        placed = sum(1 for line in self.events if line["event"]["type"].endswith(".OrderPlaced")
                     and line["event"]["record_time"] <= middle)
        answer = self.ask("--data", self.store.data_dir, "--as-of", middle,
                          "--query", "SELECT count(*) FROM order_placed")
        self.assertEqual(answer[1], [str(placed)])

    def test_what_is_missing_is_told_with_the_way_out(self):
        from_here = ("--data", self.store.data_dir)
        for arguments, words in ((("fnnel",), "mean funnel?"), (("--sql", "/none.sql"), "no file"), ((), "--list"),
                                 (("funnel", "--as-of", "17"), "a time")):
            done = self.ctl("replay", *from_here, *arguments, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)

    def test_without_duckdb_it_is_told_how_to_get_it(self):
        environment = dict(os.environ, SOUK_CACHE=self.path("empty"))
        environment.pop("SOUK_ANALYTICS_PYTHON", None)
        parquet = ("events", "export", "--data", self.store.data_dir, "--format", "parquet", "--out", self.path("no"))
        for command in (("replay", "--list"), parquet):
            done = self.ctl(*command, check=False, environment=environment)
            self.assertEqual(done.returncode, 1)
            self.assertIn("tools/install --analytics", done.stderr)
            done = self.ctl(*command, check=False, environment=dict(os.environ, SOUK_ANALYTICS_PYTHON="/none"))
            self.assertEqual(done.returncode, 1)
            self.assertIn("cannot start /none", done.stderr)


class Past(Analysts):
    def show(self, order, *arguments, **options):
        return self.ctl("--json", "show", order, "--data", self.store.data_dir, *arguments, **options)

    def test_an_order_is_shown_as_it_was_after_each_of_its_events(self):
        history = {}
        for line in json_lines(read(self.path("stored.jsonl"))):
            if line["event"]["aggregate"] == "order":
                history.setdefault(line["event"]["aggregate_id"], []).append(line["event"])
        order, events = max(history.items(), key=lambda one: len(one[1]))
        states = {"order.placed": "STATE_PLACED", "order.dispatched": "STATE_DISPATCHED",
                  "order.received": "STATE_RECEIVED", "order.completed": "STATE_COMPLETED"}
        seen = set()
        for event in events:
            for moment in (str(event["position"]), event["record_time"]):
                shown = json.loads(self.show(order, "--as-of", moment).stdout)
                if moment == str(event["position"]):
                    self.assertEqual(shown["revision"], event["revision"])
                    if event["type"] in states:
                        self.assertEqual(shown["state"]["state"], states[event["type"]])
                        seen.add(event["type"])
                else:
                    self.assertGreaterEqual(shown["revision"], event["revision"])
        self.assertEqual(seen, set(states))
        self.assertEqual(json.loads(self.show(order).stdout)["revision"], len(events))
        before = self.show(order, "--as-of", str(events[0]["position"] - 1), check=False)
        self.assertEqual(before.returncode, 1)
        self.assertIn("no order of this id yet", before.stderr)

    def test_anything_that_a_log_tells_of_can_be_shown(self):
        product = next(line["product_id"] for line in self.events
                       if line["event"]["type"].endswith(".ProductPublished"))
        shown = json.loads(self.show(product, "--service", "catalog", "--aggregate", "product").stdout)
        self.assertIn("offer", shown["state"])

    def test_personal_data_stays_sealed(self):
        order = next(line["order_id"] for line in self.events if line["event"]["type"].endswith(".OrderPlaced"))
        self.assertEqual(json.loads(self.show(order).stdout)["state"]["snapshot"]["contact"], "sealed")


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir")
    parser.add_argument("--orders", type=int, default=60)
    parser.add_argument("--data")
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=["analysts_test.py", *rest], verbosity=2)


if __name__ == "__main__":
    main()

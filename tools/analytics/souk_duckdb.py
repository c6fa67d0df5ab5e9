"""What soukctl does with DuckDB.

usage: souk_duckdb.py convert
    Makes Parquet of files of JSON Lines: reads a request a line, {"input": FILE, "output": FILE, "columns":
    {NAME: TYPE}}, and answers "ok" or what is wrong. {} is answered only.

usage: souk_duckdb.py ask --events DIR [--database FILE] [--format table|csv|json] [QUESTION...] [--sql FILE...]
       [--query SQL...]
    Answers questions from exported Parquet: each kind of event is a table there, also one without events. QUESTION
    is a file of questions/ without ".sql". With --database the tables are copied into a DuckDB file that stays.

usage: souk_duckdb.py list
"""

import argparse
import csv
import json
import os
import sys

NOT_INSTALLED = 5

try:
    import duckdb
except ImportError:
    sys.stderr.write(f"error: {sys.executable} has no duckdb: run tools/install --analytics, or "
                     "pip install duckdb\n")
    sys.exit(NOT_INSTALLED)


def connect(path=":memory:"):
    """A database that counts in UTC and does not take the machine's memory."""
    connection = duckdb.connect(path)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET memory_limit = '1GB'")
    return connection


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def convert(connection, request):
    columns = ", ".join(f"{quote(name)}: {quote(kind)}" for name, kind in request["columns"].items())
    part = request["output"] + ".part"
    connection.execute(f"COPY (SELECT * FROM read_json({quote(request['input'])}, format = 'newline_delimited', "
                       f"columns = {{{columns}}}, maximum_object_size = 67108864)) TO {quote(part)} "
                       "(FORMAT parquet, COMPRESSION zstd)")
    os.replace(part, request["output"])


def convert_all():
    connection = connect()
    for line in sys.stdin:
        request = json.loads(line)
        answer = "ok"
        if request:
            try:
                convert(connection, request)
            except (duckdb.Error, OSError) as error:
                answer = str(error).replace("\n", " ")
        print(answer, flush=True)


QUESTIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "questions")


class Wrong(Exception):
    """What the user can put right."""


def load(connection, folder, keep):
    """Makes a view, or a table when it is to be kept, of each kind of event."""
    record = os.path.join(folder, "export.json")
    if not os.path.exists(record):
        raise Wrong(f"{folder} has no export: make one with soukctl events export --format parquet --out {folder}")
    with open(record, encoding="utf-8") as file:
        tables = json.load(file).get("tables") or {}
    for name, columns in tables.items():
        select = "SELECT " + ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in columns.items())
        if os.path.isdir(os.path.join(folder, name)):
            files = quote(os.path.join(os.path.abspath(folder), name, "*.parquet"))
            select += f" WHERE false UNION ALL BY NAME SELECT * FROM read_parquet({files})"
        else:
            select += " WHERE false"
        connection.execute(f"CREATE OR REPLACE {'TABLE' if keep else 'VIEW'} {name} AS {select}")


def names_of_questions():
    return sorted(name[:-4] for name in os.listdir(QUESTIONS) if name.endswith(".sql"))


def read_question(name):
    if name not in names_of_questions():
        raise Wrong(f'there is no question "{name}": soukctl replay --list shows them')
    return read_sql(os.path.join(QUESTIONS, name + ".sql"))


def read_sql(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise Wrong(f"cannot read {path}: {error.strerror}") from error


def title_of(sql):
    """The comment that a question begins with."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line[2:].strip())
    return " ".join(lines)


def as_text(value):
    return "" if value is None else str(value)


def print_table(header, rows):
    texts = [header] + [[as_text(value) for value in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(header))]
    numeric = [all(isinstance(row[column], (int, float)) or row[column] is None for row in rows)
               for column in range(len(header))]
    for row in texts:
        cells = [text.rjust(width) if number else text.ljust(width)
                 for text, width, number in zip(row, widths, numeric)]
        print("  ".join(cells).rstrip())
    print()


def answer(connection, sql, form):
    result = connection.execute(sql)
    header = [column[0] for column in result.description or []]
    rows = result.fetchall()
    if form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerows([header] + [[as_text(v) for v in row] for row in rows])
    elif form == "json":
        print(json.dumps([dict(zip(header, row)) for row in rows], default=str))
    else:
        print(title_of(sql))
        print_table(header, rows)


def ask(options):
    connection = connect(options.database or ":memory:")
    load(connection, options.events, keep=bool(options.database))
    asked = [read_question(name) for name in options.questions]
    asked += [read_sql(path) for path in options.sql] + options.query
    for sql in asked:
        answer(connection, sql, options.format)


def list_questions():
    for name in names_of_questions():
        print(f"{name:<20} {title_of(read_question(name))}")


def main(arguments):
    parser = argparse.ArgumentParser(prog="souk_duckdb.py", usage=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("convert")
    commands.add_parser("list")
    asking = commands.add_parser("ask")
    asking.add_argument("--events", required=True)
    asking.add_argument("--database")
    asking.add_argument("--format", choices=("table", "csv", "json"), default="table")
    asking.add_argument("--sql", action="append", default=[])
    asking.add_argument("--query", action="append", default=[])
    asking.add_argument("questions", nargs="*")
    options = parser.parse_args(arguments)
    if options.command == "convert":
        return convert_all()
    if options.command == "list":
        return list_questions()
    try:
        return ask(options)
    except (duckdb.Error, Wrong) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])

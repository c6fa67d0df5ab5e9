"""What soukctl does with DuckDB.

usage: souk_duckdb.py convert
    Makes Parquet of files of JSON Lines: reads a request a line, {"input": FILE, "output": FILE, "columns":
    {NAME: TYPE}}, and answers "ok" or what is wrong. {} is answered only.
"""

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


def main(arguments):
    if arguments == ["convert"]:
        return convert_all()
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])

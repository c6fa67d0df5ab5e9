"""The first chart: revenue by week, from an export to Parquet.

usage: revenue_chart.py EXPORT_FOLDER CHART.png
"""

import os
import sys

import duckdb
import matplotlib

matplotlib.use("Agg")  # Into a file, without a screen.
from matplotlib import pyplot

folder, chart = sys.argv[1:3]

# Each kind of event is a folder of Parquet files; this is all that it takes.
events = duckdb.connect()
for table in ("order_placed", "payment_captured", "order_cancelled"):
    if os.path.isdir(os.path.join(folder, table)):
        events.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}/*.parquet')")

rows = events.execute("""
    SELECT CAST(date_trunc('week', placed.place_time) AS DATE) AS week,
           sum(placed.total.minor_units) FILTER (cancelled.order_id IS NULL) / 100 AS kept,
           sum(placed.total.minor_units) FILTER (cancelled.order_id IS NOT NULL) / 100 AS cancelled
    FROM order_placed AS placed
    LEFT JOIN order_cancelled AS cancelled ON cancelled.order_id = placed.order_id
    GROUP BY week ORDER BY week""").fetchall()
currency = events.execute("SELECT any_value(total.currency_code) FROM order_placed").fetchone()[0]

weeks = [week for week, _, _ in rows]
kept = [float(amount or 0) for _, amount, _ in rows]
cancelled = [float(amount or 0) for _, _, amount in rows]
figure, axes = pyplot.subplots(figsize=(9, 4), layout="constrained")
axes.bar(weeks, kept, width=6, label="kept", color="#2a6f77")
axes.bar(weeks, cancelled, width=6, bottom=kept, label="cancelled later", color="#e0a458")
axes.set_ylabel(f"{currency} ordered per week")
axes.yaxis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:,.0f}"))
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, loc="upper left")
figure.savefig(chart, dpi=120)
print(f"{len(rows)} weeks are in {chart}")

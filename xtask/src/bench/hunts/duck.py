"""Times queries in DuckDB over the Parquet files of a lake: duck.py FOLDER THREADS RUNS < queries.

The files are those that the table's log names. Prints a JSON line per query, as `hunts run` does.
"""

import json
import pathlib
import sys
import time
import urllib.parse

import duckdb

folder, threads, runs = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
files = {}
for log in sorted(folder.glob("_delta_log/*.json")):
    for line in log.read_text().splitlines():
        action = json.loads(line)
        if "add" in action:
            files[action["add"]["path"]] = True
        if "remove" in action:
            files.pop(action["remove"]["path"], None)
paths = [str(folder / urllib.parse.unquote(path)) for path in files]
session = duckdb.connect()
session.execute(f"set threads = {threads}")
session.execute("set timezone = 'UTC'")
session.execute(f"create view exchanges as select * from read_parquet({paths!r}, hive_partitioning = true)")
for sql in sys.stdin.read().splitlines():
    millis = []
    rows = 0
    for _ in range(runs):
        started = time.perf_counter()
        rows = len(session.execute(sql).fetchall())
        millis.append((time.perf_counter() - started) * 1000)
    print(json.dumps({"sql": sql, "millis": millis, "rows": rows}), flush=True)

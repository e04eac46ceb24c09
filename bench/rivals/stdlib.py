"""Rival: Python's standard library, tuned: its cyclic collector off, executemany by table and column list."""

import gc
import json
import sqlite3
import sys

gc.disable()
mode, source, output, spec_file = sys.argv[1:5]
with open(spec_file, encoding="utf-8") as file:
    spec = json.load(file)
database = sqlite3.connect(output, isolation_level=None)
database.execute("pragma page_size = 8192")
database.execute("begin")
if mode != "append":
    for table in spec["tables"]:
        columns = ", ".join(f'"{column["name"]}" {column["type"]}' for column in table["columns"])
        database.execute(f"create table if not exists {table['name']} ({columns}) strict")
        if mode == "upsert":
            database.execute(f"create unique index if not exists key_{table['source']} on {table['name']} ({table['key']})")

with open(source, encoding="utf-8") as file:
    records = json.load(file)
shape_before = None
rows = []


def flush():
    if rows:
        table, names = shape_before
        quoted = ", ".join(f'"{name}"' for name in names)
        places = ", ".join("?" * len(names))
        database.executemany(f"insert or replace into current_{table} ({quoted}) values ({places})", rows)
        rows.clear()


groups = {}
has_others = any(change["kind"] != "insert" for record in records for change in record["change"])
for record in records:
    for change in record["change"]:
        if not has_others:
            # Inserts alone need no order between tables: one executemany for each.
            shape = (change["table"], tuple(change["columnnames"]))
            groups.setdefault(shape, []).append(change["columnvalues"])
            continue
        if change["kind"] == "delete":
            flush()
            keys = change["oldkeys"]
            where = " and ".join(f'"{name}" = ?' for name in keys["keynames"])
            database.execute(f"delete from current_{change['table']} where {where}", keys["keyvalues"])
            continue
        shape = (change["table"], tuple(change["columnnames"]))
        if shape != shape_before:
            flush()
            shape_before = shape
        rows.append(change["columnvalues"])
flush()
for shape_before, group in groups.items():
    rows = group
    flush()

if mode == "run":
    for table in spec["tables"]:
        database.execute(f"create unique index key_{table['source']} on {table['name']} ({table['key']})")
    for sql in [*spec["indexes"], spec["view"], spec["mart"]]:
        database.execute(sql)
if mode in ("run", "append"):
    database.execute("delete from metrics")
    database.execute("insert into metrics select * from metrics_now")
database.execute("commit")
database.close()

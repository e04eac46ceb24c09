"""Rival: Turso's materialized views. Takes one request a line, as JSON, and answers each with a line."""

import json
import sys
import time

import turso


def opened(file):
    connection = turso.connect(file, experimental_features="views", isolation_level=None)
    return connection.cursor()


def seconds_of(cursor, statements):
    """One transaction; its commit brings the views up to date."""
    started = time.perf_counter()
    cursor.execute("begin")
    for sql, values in statements:
        cursor.execute(sql, values)
    cursor.execute("commit")
    return time.perf_counter() - started


cursors = {}


def answer(request):
    if request["op"] == "open":
        cursors[request["name"]] = opened(request["file"])
        return {}
    cursor = cursors[request["name"]]
    if request["op"] == "execute":
        started = time.perf_counter()
        for sql in request["statements"]:
            cursor.execute(sql)
        return {"seconds": time.perf_counter() - started}
    if request["op"] == "fill":
        cursor.execute("begin")
        cursor.executemany(request["sql"], request["rows"])
        cursor.execute("commit")
        return {}
    if request["op"] == "take":
        return {"seconds": seconds_of(cursor, request["changes"])}
    if request["op"] == "rows":
        rows = cursor.execute(request["sql"]).fetchall()
        if request.get("asText"):
            rows = [["null" if value is None else str(value) for value in row] for row in rows]
        return {"rows": rows}
    raise ValueError(request["op"])


for line in sys.stdin:
    try:
        said = answer(json.loads(line))
    except Exception as error:
        said = {"error": str(error)}
    print(json.dumps(said), flush=True)

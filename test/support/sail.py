"""Runs a script on Sail as spark-sql runs it: `-f FILE`; ends at the first statement that fails, and says how long each took."""

import logging
import re
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

from pysail.spark import SparkConnectServer  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

with open(sys.argv[sys.argv.index("-f") + 1], encoding="utf-8") as file:
    script = re.sub(r"^--.*\n", "", file.read(), flags=re.MULTILINE)
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
host, port = server.listening_address
session = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
try:
    for statement in (one.strip() for one in script.split(";\n")):
        started = time.monotonic()
        try:
            # Sail has no such settings, and behaves as they say.
            if statement and not statement.startswith("set spark."):
                answer = session.sql(statement)
                # A statement that writes has run by now; what Sail answers to it cannot be converted.
                if statement.startswith(("select", "with")):
                    answer.collect()
        except Exception as error:
            print(f"{error}\n{statement}", file=sys.stderr)
            sys.exit(1)
        if statement:
            print(f"Time taken: {time.monotonic() - started:.3f} seconds", file=sys.stderr, flush=True)
finally:
    session.stop()
    server.stop()

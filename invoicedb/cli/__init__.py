"""The command line: one file per command, each of them parse, call, show."""

from __future__ import annotations

import io
import logging
import sys


def main() -> None:
    """The console script `invoicedb`."""
    from invoicedb.cli.app import app

    # What a terminal can't show becomes its escape, not a traceback.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # The pool logs each connection that it loses; the command says once what is wrong.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    app(prog_name="invoicedb")

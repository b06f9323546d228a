"""`invoicedb ingest`."""

from __future__ import annotations

from functools import partial

import typer

from invoicedb import connect
from invoicedb.cli.booking import book_all
from invoicedb.cli.documents import sources
from invoicedb.cli.options import Dsn, ExcessReturns, Files, Json, Schema, Spread, Strictness, Totals, User, policy_of
from invoicedb.cli.reports import JsonLines, Tables
from invoicedb.cli.screen import Screen, tracked


def ingest(
    files: Files,
    *,
    user: User,
    totals: Totals = Strictness.WARN,
    excess_returns: ExcessReturns = Strictness.WARN,
    spread: Spread = None,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Book invoices, each in one transaction.

    Safe to repeat: what is booked is answered, not booked twice. A file that can't be read or is refused is reported, and the
    others are booked. With --json: JSON Lines, one document for each file, in their order.

    \b
    Example:  invoicedb ingest --user 6f1c… march/*.json
              invoicedb ingest --user 6f1c… --json - < invoice.json
    """
    documents = sources(files)
    with connect(dsn, schema=schema, policy=policy_of(totals, excess_returns, spread)) as database:
        report = JsonLines() if as_json else Tables(Screen())
        code = book_all(tracked(documents, "Booking", quiet=as_json), partial(database.process_invoice, user), report)
    raise typer.Exit(code)

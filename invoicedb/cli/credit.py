"""`invoicedb credit`."""

from __future__ import annotations

from typing import Any

import typer

from invoicedb import InvalidInvoice, InvoiceResult, connect
from invoicedb.cli.booking import book_all
from invoicedb.cli.documents import sources
from invoicedb.cli.options import DryRun, Dsn, ExcessReturns, Files, Json, Schema, Strictness, Totals, User, policy_of
from invoicedb.cli.reports import JsonLines, Tables
from invoicedb.cli.screen import Screen, tracked


def credit(
    files: Files,
    *,
    user: User,
    totals: Totals = Strictness.WARN,
    excess_returns: ExcessReturns = Strictness.WARN,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Book credit memos: goods that went back, corrected prices, rebates.

    As ingest, for documents that need not say that they are credit memos; one that says it is an invoice is refused. With
    --json: JSON Lines, one document for each file, in their order.

    \b
    Example:  invoicedb credit --user 6f1c… memo-77.json --excess-returns refuse
    """
    documents = sources(files)
    ending = " Nothing was written." if dry_run else ""
    with connect(dsn, schema=schema, policy=policy_of(totals, excess_returns, None)) as database:
        report = JsonLines() if as_json else Tables(Screen(), title="Preview" if dry_run else "Credit memos", ending=ending)
        book = database.preview if dry_run else database.process_invoice

        def book_memo(document: Any) -> InvoiceResult:
            return book(user, as_credit_memo(document))

        code = book_all(tracked(documents, "Booking", quiet=as_json), book_memo, report)
    raise typer.Exit(code)


def as_credit_memo(document: Any) -> Any:
    """The document as a credit memo. What is no document at all is left to be refused as ever."""
    head = document.get("invoice") if isinstance(document, dict) else None
    if not isinstance(head, dict):
        return document
    if head.get("document_type", "credit_memo") != "credit_memo":
        reason = f"{head['document_type']!r} is no credit memo: book it with invoicedb ingest"
        raise InvalidInvoice(field="invoice.document_type", reason=reason)
    return document | {"invoice": head | {"document_type": "credit_memo"}}

"""`invoicedb replace`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import InvoiceResult, connect
from invoicedb.cli.booking import book_all
from invoicedb.cli.documents import sources
from invoicedb.cli.options import (
    DryRun,
    Dsn,
    ExcessReturns,
    Json,
    Schema,
    Spread,
    Strictness,
    Totals,
    User,
    on_trial,
    policy_of,
)
from invoicedb.cli.reports import JsonLines, Tables
from invoicedb.cli.screen import Screen
from invoicedb.cli.void import By, InvoiceId, Reason, show_movements

File: TypeAlias = Annotated[str, typer.Argument(metavar="FILE", help="JSON, the invoice as it should be; - is standard input.")]


def replace(
    invoice_id: InvoiceId,
    file: File,
    *,
    user: User,
    reason: Reason = None,
    by: By = None,
    totals: Totals = Strictness.WARN,
    excess_returns: ExcessReturns = Strictness.WARN,
    spread: Spread = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Void an invoice and book the one in FILE in its place: both, or none.

    Shows what is taken back, and what the new one comes to, as ingest does. Replacing again with the same file changes
    nothing. With --json: one document, of the new one; of the other, `invoicedb void --dry-run --json` tells.

    \b
    Example:  invoicedb replace 0192f0c1-… mended.json --user 6f1c… --reason "wrong price" --by Ann
    """
    ending = f" In place of {invoice_id}.{' Nothing was written.' if dry_run else ''}"
    screen = Screen()
    with connect(dsn, schema=schema, policy=policy_of(totals, excess_returns, spread)) as database:
        calls = on_trial(database, dry_run)

        def book(document: dict[str, object]) -> InvoiceResult:
            done = calls.replace(user, invoice_id, document, reason=reason, by=by)
            if not as_json:
                show_movements(screen, done.void)
            return done.invoice

        report = JsonLines() if as_json else Tables(screen, title="Preview" if dry_run else "Invoices", ending=ending)
        code = book_all(sources([file]), book, report)
    raise typer.Exit(code)

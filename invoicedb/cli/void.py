"""`invoicedb void`."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

import typer

from invoicedb import connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Column, Screen, Table, amounts, quantities
from invoicedb.cli.text import said_by
from invoicedb.results import Movement, VoidResult

MOVEMENTS = (Column("line"), Column("item"), quantities("quantity"), Column("unit"), amounts("cost"))

InvoiceId: TypeAlias = Annotated[UUID, typer.Argument(metavar="INVOICE_ID", help="As `invoicedb ingest --json` tells it.")]
Reason: TypeAlias = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with the void.")]
By: TypeAlias = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; kept with the void.")]


def void(
    invoice_id: InvoiceId,
    *,
    user: User,
    reason: Reason = None,
    by: By = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Take an invoice back: its stock and its prices are as if it had never been, and its number may be used again.

    The document stays, with a void beside it. Voiding again changes nothing. With --json: one document.

    \b
    Example:  invoicedb void 0192f0c1-… --user 6f1c… --reason "keyed twice" --by Ann
    """
    with connect(dsn, schema=schema) as database:
        done = on_trial(database, dry_run).void(user, invoice_id, reason=reason, by=by)
    if as_json:
        print(json_text(done))
    else:
        show_void(Screen(), done, dry_run=dry_run)


def show_void(screen: Screen, done: VoidResult, *, dry_run: bool) -> None:
    named = f"Invoice {done.invoice_number or done.invoice_id} of {done.vendor_name}, {done.invoice_date},"
    if dry_run:
        screen.line(f"{named} {'is voided already' if done.replayed else 'would be voided'}.")
    else:
        screen.line(f"{named} {'was voided before' if done.replayed else 'is voided'}{said_by(done.made_by, done.reason)}.")
    show_movements(screen, done)


def show_movements(screen: Screen, done: VoidResult) -> None:
    screen.table(Table("Taken back", MOVEMENTS, [movement_row(each) for each in done.movements]))


def movement_row(movement: Movement) -> tuple[object, ...]:
    return movement.line_number, movement.item_name, movement.quantity_change, movement.base_unit, movement.total_cost

"""`invoicedb catalog import`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import connect, read_catalog
from invoicedb.cli.as_json import json_text
from invoicedb.cli.documents import read_file
from invoicedb.cli.exits import ExitCode, note
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Column, Screen, Table, amounts, counts, quantities
from invoicedb.cli.text import counted
from invoicedb.results import CatalogResult, CatalogRow, CatalogRowStatus

ROWS = (counts("row"), Column("item"), Column("status"), quantities("opening stock"), Column("unit"), amounts("value"))
FAILED = (counts("row"), Column("item"), Column("error_type", style=lambda _: "red"), Column("error"))

File: TypeAlias = Annotated[str, typer.Argument(metavar="FILE", help="CSV or JSON; - is standard input.", show_default=False)]
Vendor: TypeAlias = Annotated[
    str | None, typer.Option("--vendor", metavar="NAME", help="Whose item numbers they are, where a row names no vendor.")
]
By: TypeAlias = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; kept with the mappings.")]


def import_file(
    file: File,
    *,
    user: User,
    vendor: Vendor = None,
    by: By = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Take over an existing catalog with its opening stock, in one transaction. Importing again changes nothing.

    Columns: name, category, base_unit, opening_quantity, opening_unit (lb, 6/5 LB), opening_value or opening_unit_cost,
    opening_date, conversions (each = 150 g; 1 l = 0.92 kg), and what a vendor calls it: vendor_name, item_number, description,
    pack_size. A row that can't be taken fails alone; ends with 1 then. With --json: one document.

    \b
    Example:  invoicedb catalog import stock.csv --dry-run --user 6f1c…
    """
    try:
        content = read_file(file)
    except OSError as error:
        note(f"{file}: {error.strerror or error}")
        raise typer.Exit(ExitCode.BAD_INPUT) from None
    rows = read_catalog(content, source=file)
    with connect(dsn, schema=schema) as database:
        done = on_trial(database, dry_run).import_catalog(user, rows, vendor_name=vendor, by=by)
    if as_json:
        print(json_text({**done.to_dict(), "rows": list(done.rows)}))
    else:
        show_import(Screen(), done, dry_run=dry_run)
    raise typer.Exit(ExitCode.FAILED if done.failed else ExitCode.DONE)


def show_import(screen: Screen, done: CatalogResult, *, dry_run: bool) -> None:
    taken = [row for row in done.rows if row.status in (CatalogRowStatus.CREATED, CatalogRowStatus.ADDED)]
    screen.table(Table("Items", ROWS, [item_row(row) for row in taken]))
    screen.table(Table("Failed", FAILED, [(row.row_number, row.name, row.error_type, row.error) for row in done.failed]))
    numbers = ", ".join(f"{len(done.of_status(each))} {each.value}" for each in CatalogRowStatus)
    ending = " Nothing was written." if dry_run else ""
    screen.line(f"{counted(len(done.rows), 'row')}: {numbers}.{ending}")


def item_row(row: CatalogRow) -> tuple[object, ...]:
    return row.row_number, row.name, row.status.value, row.opening_quantity, row.base_unit, row.opening_value

"""`invoicedb merge-vendors` and `invoicedb unmerge-vendor`."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

import typer

from invoicedb import Database, connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.explain import id_of
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Screen
from invoicedb.cli.text import counted
from invoicedb.results import VendorMergeResult

VendorMeant: TypeAlias = Annotated[str, typer.Argument(metavar="VENDOR", help="A vendor's name, as an invoice has it, or id.")]
Into: TypeAlias = Annotated[str, typer.Argument(metavar="INTO", help="The vendor that it is, told in the same way.")]
Reason: TypeAlias = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with the vendor.")]
By: TypeAlias = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; kept with the vendor.")]


def merge_vendors(
    vendor: VendorMeant,
    into: Into,
    *,
    user: User,
    reason: Reason = None,
    by: By = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Make two vendors one: all that was mapped and booked to VENDOR is INTO's, and both names are from then on.

    Refused, with what stands against it, where both have a document of one number or call different things alike. `invoicedb
    unmerge-vendor` takes it back. With --json: one document.

    \b
    Example:  invoicedb merge-vendors "Sysco Chicago" Sysco --user 6f1c… --dry-run
    """
    with connect(dsn, schema=schema) as database:
        vendor_id, into_id = the_vendor(database, user, vendor), the_vendor(database, user, into)
        done = on_trial(database, dry_run).merge_vendor(user, vendor_id, into_id, reason=reason, by=by)
    became = "was merged before into" if done.replayed else "would be merged into" if dry_run else "is merged into"
    show_vendors(Screen(), done, became, as_json=as_json)


def unmerge_vendor(
    vendor: VendorMeant,
    *,
    user: User,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Take a merge of vendors back: what came with the vendor is its own again, with what was booked under its name since.

    With --json: one document.

    \b
    Example:  invoicedb unmerge-vendor "Sysco Chicago" --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        done = on_trial(database, dry_run).unmerge_vendor(user, the_vendor(database, user, vendor))
    show_vendors(Screen(), done, "would no longer be" if dry_run else "is no longer", as_json=as_json)


def the_vendor(database: Database, user: UUID, vendor: str) -> UUID:
    """The very vendor of the name, merged or not."""
    return id_of(vendor) or database.find_vendor(user, vendor).id


def show_vendors(screen: Screen, done: VendorMergeResult, became: str, *, as_json: bool) -> None:
    if as_json:
        print(json_text(done))
        return
    moved = f"{counted(done.documents, 'document')}, {counted(done.mappings, 'mapping')} moved, {done.united} united"
    screen.line(f"{done.vendor_name} ({done.vendor_id}) {became} {done.into_vendor_name} ({done.into_vendor_id}): {moved}.")

"""`invoicedb catalog`: what a person says of items and of matching. One file for each command."""

from __future__ import annotations

import typer

from invoicedb.cli.catalog.abbreviations import abbreviations
from invoicedb.cli.catalog.category import category
from invoicedb.cli.catalog.conversions import conversions
from invoicedb.cli.catalog.import_file import import_file
from invoicedb.cli.catalog.policy import policy
from invoicedb.cli.catalog.refresh import refresh
from invoicedb.cli.catalog.rename import rename
from invoicedb.cli.catalog.take_back import take_back
from invoicedb.cli.catalog.unit import unit

catalog = typer.Typer(name="catalog", help="Items by hand, and how lines are matched to them.", rich_markup_mode=None)

catalog.command("import")(import_file)
for command in (take_back, rename, category, unit, conversions, refresh):
    catalog.command()(command)
for group in (abbreviations, policy):
    catalog.add_typer(group)

"""The item that a command is about, and how it stands then."""

from __future__ import annotations

from uuid import UUID

import typer

from invoicedb import Database
from invoicedb.cli.as_json import json_text
from invoicedb.cli.explain import complain_of, items_meant
from invoicedb.cli.screen import Column, Screen, Table, quantities
from invoicedb.results import StockLevel

ITEM = (Column("item"), Column("category"), quantities("quantity"), Column("unit"), Column("id"))


def item_meant(database: Database, user: UUID, item: str) -> UUID:
    """By its id, or a text that only one name holds; else the candidates are told, and the command ends with 2."""
    found = items_meant(database, user, item)
    if len(found) != 1:
        raise typer.Exit(complain_of(item, found))
    return found[0].id


def show_item(level: StockLevel, *, as_json: bool) -> None:
    if as_json:
        print(json_text(level))
        return
    row = (level.name, level.category, level.current_quantity, level.base_unit, level.id)
    Screen().table(Table("", ITEM, [row]))

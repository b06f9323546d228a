"""`invoicedb explain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias
from uuid import UUID

import typer

from invoicedb import Database, connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.exits import ExitCode, note
from invoicedb.cli.options import Dsn, Json, Limit, Schema, User
from invoicedb.cli.paging import PAGE, limited, paged
from invoicedb.cli.screen import Column, Screen, Table, amounts, changes, counts, quantities
from invoicedb.cli.stock import show_stock
from invoicedb.results import ExplainedMovement, StockLevel, to_plain

MOVEMENTS = (
    Column("date"),
    Column("document"),
    Column("vendor"),
    counts("line"),
    Column("item number"),
    Column("description"),
    Column("pack"),
    quantities("packs"),
    amounts("price"),
    changes("change"),
    quantities("moved"),
    quantities("stock"),
    Column("match"),
    Column("why"),
)
CANDIDATES = 20

ItemName: TypeAlias = Annotated[str, typer.Argument(metavar="ITEM", help="An item's id, or a text that one item's name holds.")]


def explain(
    item: ItemName, *, user: User, limit: Limit = None, dsn: Dsn = None, schema: Schema = None, as_json: Json = False
) -> None:
    """Show where an item's stock and price come from: documents, lines and decisions, newest first.

    ITEM is its id, or a text that only one name holds; else the candidates are listed, with exit code 2. With --json: one
    document.

    \b
    Example:  invoicedb explain "ground beef" --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        found = items_meant(database, user, item)
        if len(found) != 1:
            raise typer.Exit(complain_of(item, found))
        explained = database.explain(user, found[0].id, limit=1)
        level, merged_into = explained.item, explained.merged_into
        movements = list(limited(movements_of(database, user, level.id), limit))
    if as_json:
        into = None if merged_into is None else to_plain(merged_into)
        print(json_text({"item": to_plain(level), "merged_into": into, "movements": [to_plain(each) for each in movements]}))
    else:
        screen = Screen()
        if merged_into is not None:
            screen.line(f"{level.name} was merged into {merged_into.name} ({merged_into.id}).")
        show_explanation(screen, level, movements)


def items_meant(database: Database, user: UUID, item: str) -> list[StockLevel]:
    """By id where it is one, else by name: a name that is the whole text goes before those that only hold it."""
    item_id = id_of(item)
    if item_id is not None:
        return [database.explain(user, item_id, limit=1).item]
    found = database.items_named(user, item, limit=CANDIDATES)
    return [each for each in found if each.name.casefold() == item.casefold()] or found


def id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def complain_of(item: str, found: Sequence[StockLevel]) -> ExitCode:
    if not found:
        note(f"no item with {item!r} in its name")
        return ExitCode.BAD_INPUT
    note(f"more than one item has {item!r} in its name: say more of it, or give the id")
    for each in found:
        note(f"{each.id}  {each.name}")
    return ExitCode.BAD_INPUT


def movements_of(database: Database, user: UUID, item_id: UUID) -> Iterator[ExplainedMovement]:
    return paged(lambda last: list(database.explain(user, item_id, limit=PAGE, after=last).movements))


def show_explanation(screen: Screen, level: StockLevel, movements: Sequence[ExplainedMovement]) -> None:
    show_stock(screen, [level])
    screen.table(Table("Movements", MOVEMENTS, [movement_row(each) for each in movements]))


def movement_row(each: ExplainedMovement) -> tuple[object, ...]:
    bought = (each.vendor_name, each.invoice_line_number, each.item_number, each.description, each.pack_size, each.quantity)
    priced = (each.unit_price, each.price_change_percent, each.quantity_change, each.stock_after)
    return each.transaction_date, document_of(each), *bought, *priced, each.match_method, why_of(each)


def document_of(each: ExplainedMovement) -> str:
    """Invoice A-1 (voided); void of A-1; opening stock (reversed), and correction of opening stock."""
    if each.reference_type == "opening":
        return f"opening stock{' (reversed)' if each.reversed_by_id else ''}"
    if each.reference_type == "correction" and each.invoice_id is None:
        return "correction of opening stock"
    named = each.invoice_number or str(each.invoice_id or each.reference_id)
    if each.reference_type != "invoice":
        return f"{each.reference_type.replace('_', ' ')} of {named}"
    return f"{each.reference_type} {named}{' (voided)' if each.is_voided else ''}"


def why_of(each: ExplainedMovement) -> str:
    """What the match rests on, what was decided since, and why a correcting document was made."""
    decided = f"{each.review_state} by {each.decided_by}" if each.decided_by else ""
    made = f"{each.reference_type} by {each.made_by}" if each.made_by else ""
    return "; ".join(part for part in (*each.match_reasons, decided, each.decision_reason, made, each.reason) if part)

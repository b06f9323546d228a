"""The demo's results, shown."""

from __future__ import annotations

from decimal import Decimal
from shlex import quote
from typing import Any
from uuid import UUID

from invoicedb.cli.as_json import json_text
from invoicedb.cli.booking import Refused
from invoicedb.cli.prices import PRICES, price_row
from invoicedb.cli.reports import outcome_json, outcome_tables, summary
from invoicedb.cli.screen import Column, Screen, Table, changes
from invoicedb.cli.stock import show_stock
from invoicedb.cli.text import counted
from invoicedb.cli.tour import TRIPS_PER_INVOICE, TRIPS_PER_LINE, Tour

PING = Decimal("0.020")
"""Seconds: a database in another data centre."""

REFUSED = (Column("file"), Column("reason"))
MENDED_PRICES = (*PRICES, changes("as booked"))


def print_tour(tour: Tour) -> None:
    document = {
        "user_id": tour.user_id,
        "invoices": [outcome_json(outcome) for outcome in tour.outcomes],
        "stock": tour.stock,
        "price_changes": tour.price_changes,
        "round_trips": tour.round_trips,
        "sequential_round_trips": tour.sequential_round_trips,
        "sent_again": {
            "invoices": len(tour.again),
            "replayed": sum(result.replayed for result in tour.again),
            "round_trips": sum(result.round_trips for result in tour.again),
            "stock_unchanged": tour.stock == tour.stock_again,
        },
    }
    print(json_text(document))


def show_tour(screen: Screen, tour: Tour, *, dsn: str, schema: str | None) -> None:
    show_invoices(screen, tour)
    show_stock(screen, tour.stock, title="Stock")
    screen.table(Table("Price changes, as they stand now", MENDED_PRICES, mended_rows(tour)))
    for line in (*mended_note(tour), trips(tour), sent_again(tour)):
        screen.line(line)
    screen.line()
    screen.line("Look around:", style="bold")
    for command in ("stock", "prices --changed"):
        screen.line(f"  {command_line(command, tour.user_id, dsn, schema)}")


def show_invoices(screen: Screen, tour: Tour) -> None:
    *tables, _price_changes, warnings = outcome_tables("Invoices, in the order they arrived", tour.outcomes)
    refused = [(outcome.source, outcome.reason) for outcome in tour.outcomes if isinstance(outcome, Refused)]
    for table in (*tables, Table("Refused invoices", REFUSED, refused), warnings):
        screen.table(table)
    screen.line(summary(tour.outcomes))
    screen.line()


def mended_rows(tour: Tour) -> list[tuple[Any, ...]]:
    """The price changes of the database, beside what was answered when they were booked, where that is another."""
    booked = changes_as_booked(tour)
    rows = []
    for point in tour.price_changes:
        at_first = booked.get((point.invoice_id, point.line_number))
        rows.append((*price_row(point), None if at_first == point.price_change_percent else at_first))
    return rows


def changes_as_booked(tour: Tour) -> dict[tuple[UUID, int], Decimal | None]:
    fresh = (result for result in tour.results if not result.replayed)
    return {(result.invoice_id, line.line_number): line.price_change_percent for result in fresh for line in result.booked}


def mended_note(tour: Tour) -> list[str]:
    mended = sum(row[-1] is not None for row in mended_rows(tour))
    if not mended:
        return []
    return [f"{counted(mended, 'price change')} mended: an invoice of an earlier date came in late and took its place."]


def trips(tour: Tour) -> str:
    ours, theirs = tour.round_trips, tour.sequential_round_trips
    return (
        f"{counted(ours, 'round trip')} for {counted(len(tour.results), 'invoice')} with {counted(tour.line_count, 'line')}. "
        f"The sequential pattern takes {theirs} ({TRIPS_PER_LINE} a line and {TRIPS_PER_INVOICE} an invoice): "
        f"{theirs * PING:.1f} s instead of {ours * PING:.1f} s, if a round trip takes {int(PING * 1000)} ms."
    )


def sent_again(tour: Tour) -> str:
    replayed = sum(result.replayed for result in tour.again)
    round_trips = sum(result.round_trips for result in tour.again)
    stock = "the same as before" if tour.stock == tour.stock_again else "NOT the same as before"
    return (
        f"The {counted(len(tour.again), 'invoice')} that stand, sent again: {replayed} replayed "
        f"in {counted(round_trips, 'round trip')}, the stock is {stock}."
    )


def command_line(command: str, user_id: UUID, dsn: str, schema: str | None) -> str:
    where = f" --schema {quote(schema)}" if schema else ""
    return f"invoicedb {command} --user {user_id} --dsn {quote(dsn)}{where}"

"""What became of invoices, shown: tables and a summary for people, a JSON document a line for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from invoicedb.cli.as_json import json_text, result_json
from invoicedb.cli.booking import Booked, Outcome, Refused
from invoicedb.cli.exits import note
from invoicedb.cli.screen import Column, Screen, Table, amounts, changes, counts, quantities
from invoicedb.cli.text import counted
from invoicedb.results import InvoiceResult, LineResult

STATUS_STYLES = {"success": "green", "partial_success": "yellow", "failed": "red", "refused": "red"}

INVOICE, LINE, DESCRIPTION = Column("invoice"), counts("line"), Column("description")

INVOICES = (
    Column("vendor"),
    Column("number"),
    Column("date"),
    Column("status", style=lambda status: STATUS_STYLES.get(str(status).split()[0], "")),
    counts("booked"),
    counts("failed"),
    counts("new items"),
    counts("round trips"),
    Column("file"),
)
ERROR_TYPE = Column("error_type", style=lambda _: "red")
FAILED = (INVOICE, LINE, DESCRIPTION, Column("item number"), Column("pack"), ERROR_TYPE, Column("error"))
MATCHED = (INVOICE, LINE, DESCRIPTION, Column("pack"), Column("booked as"), Column("match"), quantities("score"), Column("why"))
PRICES = (INVOICE, LINE, DESCRIPTION, Column("pack"), amounts("previous"), amounts("price"), changes("change"))
WARNINGS = (INVOICE, Column("warning"))


class JsonLines:
    """Each outcome at once, as a JSON document on a line of its own."""

    def add(self, outcome: Outcome) -> None:
        if isinstance(outcome, Refused):
            complain_of(outcome)
        print(json_text(outcome_json(outcome)), flush=True)

    def close(self) -> None:
        """Nothing is kept back."""


class Tables:
    """Outcomes are kept until the end: a table's columns are as wide as all its rows need."""

    def __init__(self, screen: Screen, *, title: str = "Invoices", ending: str = "") -> None:
        self._screen, self._title, self._ending = screen, title, ending
        self._outcomes: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        if isinstance(outcome, Refused):
            complain_of(outcome)
        self._outcomes.append(outcome)

    def close(self) -> None:
        if self._outcomes:
            for table in outcome_tables(self._title, self._outcomes):
                self._screen.table(table)
            self._screen.line(summary(self._outcomes) + self._ending)


def complain_of(outcome: Refused) -> None:
    note(f"{outcome.source}: {outcome.reason}")


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Booked):
        return {"file": outcome.source, **result_json(outcome.result)}
    error_type = "unreadable_file" if isinstance(outcome.error, OSError) else outcome.error.error_type.value
    return {"file": outcome.source, "status": "failed", "invoice_id": None, "error": outcome.reason, "error_type": error_type}


def outcome_tables(title: str, outcomes: Sequence[Outcome]) -> list[Table]:
    """The invoices, then what a person should see of their lines."""
    results = [outcome.result for outcome in outcomes if isinstance(outcome, Booked)]
    return [
        Table(title, INVOICES, [invoice_row(outcome) for outcome in outcomes]),
        Table("Failed lines", FAILED, line_rows(results, lambda result: result.failed, failed_row)),
        Table("Matched by description (fuzzy_review: to be reviewed)", MATCHED, line_rows(results, fuzzy_lines, matched_row)),
        Table("Price changes", PRICES, line_rows(results, lambda result: result.price_changes, price_row)),
        Table("Warnings", WARNINGS, [(name_of(result), warning) for result in results for warning in result.warnings]),
    ]


def invoice_row(outcome: Outcome) -> tuple[Any, ...]:
    if isinstance(outcome, Refused):
        return None, None, None, "refused", None, None, None, None, outcome.source
    result = outcome.result
    return (
        result.vendor_name,
        result.invoice_number,
        result.invoice_date,
        f"{result.status.value} (replayed)" if result.replayed else result.status.value,
        len(result.booked),
        len(result.failed),
        0 if result.replayed else result.inventory_items_created,
        result.round_trips,
        outcome.source,
    )


def line_rows(
    results: Sequence[InvoiceResult],
    lines: Callable[[InvoiceResult], Sequence[LineResult]],
    row: Callable[[LineResult], tuple[Any, ...]],
) -> list[tuple[Any, ...]]:
    """A row for each of some lines of the invoices that were booked now; what a replay says was said before."""
    fresh = (result for result in results if not result.replayed)
    return [(name_of(result), line.line_number, line.description, *row(line)) for result in fresh for line in lines(result)]


def name_of(result: InvoiceResult) -> str:
    return result.invoice_number or str(result.invoice_id)


def fuzzy_lines(result: InvoiceResult) -> Sequence[LineResult]:
    return result.matched("fuzzy_auto", "fuzzy_review")


def failed_row(line: LineResult) -> tuple[Any, ...]:
    return line.item_number, line.pack_size, line.error_type, line.error


def matched_row(line: LineResult) -> tuple[Any, ...]:
    return line.pack_size, line.item_name, line.match_method, line.match_score, "; ".join(line.match_reasons)


def price_row(line: LineResult) -> tuple[Any, ...]:
    return line.pack_size, line.previous_price, line.price, line.price_change_percent


def summary(outcomes: Sequence[Outcome]) -> str:
    """2 invoices: 1 booked, 1 refused. 5 lines: …"""
    results = [outcome.result for outcome in outcomes if isinstance(outcome, Booked)]
    invoices = invoices_summary(len(outcomes), results)
    if not results:
        return invoices
    trips = counted(sum(result.round_trips for result in results), "round trip")
    return f"{invoices} {lines_summary(results)} {trips}."


def invoices_summary(sent: int, results: Sequence[InvoiceResult]) -> str:
    states = ["replayed" if result.replayed else result.status.value for result in results]
    found = {
        "booked": states.count("success"),
        "booked in part": states.count("partial_success"),
        "failed": states.count("failed"),
        "replayed": states.count("replayed"),
        "refused": sent - len(states),
    }
    return f"{counted(sent, 'invoice')}: {listed(found)}."


def lines_summary(results: Sequence[InvoiceResult]) -> str:
    """Of the invoices that were booked now: a replay's lines were counted before."""
    fresh = [result for result in results if not result.replayed]
    found = {
        "booked": sum(len(result.booked) for result in fresh),
        "failed": sum(len(result.failed) for result in fresh),
        "to be reviewed": sum(len(result.matched("fuzzy_review")) for result in fresh),
    }
    items = counted(sum(result.inventory_items_created for result in fresh), "new item")
    return f"{counted(found['booked'] + found['failed'], 'line')}: {listed(found)}. {items}."


def listed(found: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items() if count) or "none"

"""What became of real invoices: counts, and of each kind of failure one example."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.real_inputs import Document
from invoicedb import InvoiceResult, LineResult, RefusedInvoice

QUOTED = re.compile("'[^']*'|\"[^\"]*\"")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
CAPITALS = re.compile(r"\b[A-Z0-9][A-Z0-9./%]*\b(?: [A-Z0-9][A-Z0-9./%]*\b)*")
METHODS = ("exact", "fuzzy_auto", "fuzzy_review", "new")


def shape_of(message: str) -> str:
    """A message without what is different from line to line: its quotes and numbers."""
    return NUMBER.sub("N", QUOTED.sub("'…'", message))


def reason_kinds(line: LineResult) -> set[str]:
    """Why a match waits for a person, without the words that it is about: `only one says …`."""
    return {shape_of(CAPITALS.sub("…", QUOTED.sub("'…'", reason))) for reason in line.match_reasons} or {"no reason"}


@dataclass(slots=True)
class Kinds:
    """How often each kind of thing happened, and the first time in full."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, kind: str, message: str, example: str) -> None:
        key = (kind, shape_of(message))
        self.counts[key] += 1
        self.examples.setdefault(key, example)

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"kind": kind, "message": shape, "count": count, "example": self.examples[kind, shape]}
            for (kind, shape), count in self.counts.most_common()
        ]


@dataclass(slots=True)
class Outcome:
    """Of one source. `refused` invoices have nothing written; a `failed` one is kept with all its lines failed."""

    source: str
    invoices: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    round_trips: Counter[int] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    review_reasons: Counter[str] = field(default_factory=Counter)
    failures: Kinds = field(default_factory=Kinds)
    refusals: Kinds = field(default_factory=Kinds)
    items_created: int = 0
    lines_sent: int = 0
    lines_refused: int = 0
    seconds: float = 0.0
    waiting: int = 0
    contradictions: dict[str, int] = field(default_factory=dict)

    def add(self, document: Document, result: InvoiceResult | RefusedInvoice) -> None:
        self.lines_sent += len(document["line_items"])
        if isinstance(result, RefusedInvoice):
            self.invoices["refused"] += 1
            self.lines_refused += len(document["line_items"])
            self.refusals.add(result.error.error_type, str(result.error), str(result.error))
            return
        self.invoices["replayed" if result.replayed else result.status] += 1
        self.round_trips[result.round_trips] += 1
        self.warnings.update(type(warning).__name__ for warning in result.warnings)
        if not result.replayed:
            self.add_lines(result)

    def add_lines(self, result: InvoiceResult) -> None:
        self.items_created += result.inventory_items_created
        self.methods.update(str(line.match_method) for line in result.booked)
        for line in result.matched("fuzzy_review"):
            self.review_reasons.update(reason_kinds(line))
        for line in result.failed:
            message = line.error or ""
            self.failures.add(str(line.error_type), message, f"{described(result, line)}: {message}")

    @property
    def ms_per_line(self) -> float:
        return 1000 * self.seconds / max(1, self.lines_sent)

    @property
    def contradicts(self) -> bool:
        return any(self.contradictions.values())

    def share_of_round_trips(self, trips: int) -> float:
        return self.round_trips[trips] / max(1, self.round_trips.total())

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "invoices": dict(self.invoices),
            "lines": self.lines_sent,
            "lines_refused": self.lines_refused,
            "booked_by": {method: self.methods[method] for method in METHODS},
            "failed": self.failures.rows(),
            "refused": self.refusals.rows(),
            "review_reasons": dict(self.review_reasons.most_common()),
            "decisions_waiting": self.waiting,
            "warnings": dict(self.warnings),
            "items_created": self.items_created,
            "round_trips": {str(trips): count for trips, count in sorted(self.round_trips.items())},
            "ms_per_line": self.ms_per_line,
            "contradictions": self.contradictions,
        }


def described(result: InvoiceResult, line: LineResult) -> str:
    name = " ".join(filter(None, (line.item_number, line.description, line.pack_size)))
    return f"{result.vendor_name} {result.invoice_number or result.invoice_date}, line {line.line_number} ({name})"


FIGURES: Mapping[str, Callable[[Outcome], str]] = {
    "invoices booked": lambda outcome: f"{outcome.invoices['success']:,}",
    "  in part": lambda outcome: f"{outcome.invoices['partial_success']:,}",
    "  failed, every line": lambda outcome: f"{outcome.invoices['failed']:,}",
    "  refused": lambda outcome: f"{outcome.invoices['refused']:,}",
    "  replayed": lambda outcome: f"{outcome.invoices['replayed']:,}",
    "lines": lambda outcome: f"{outcome.lines_sent:,}",
    "  exact": lambda outcome: f"{outcome.methods['exact']:,}",
    "  fuzzy_auto": lambda outcome: f"{outcome.methods['fuzzy_auto']:,}",
    "  fuzzy_review": lambda outcome: f"{outcome.methods['fuzzy_review']:,}",
    "  new": lambda outcome: f"{outcome.methods['new']:,}",
    "  of refused invoices": lambda outcome: f"{outcome.lines_refused:,}",
    "  failed": lambda outcome: f"{outcome.failures.counts.total():,}",
    "items created": lambda outcome: f"{outcome.items_created:,}",
    "decisions that wait for review": lambda outcome: f"{outcome.waiting:,}",
    "invoices with 1 round trip": lambda outcome: f"{outcome.share_of_round_trips(1):.1%}",
    "  with 2": lambda outcome: f"{outcome.share_of_round_trips(2):.1%}",
    "ms per line (informational)": lambda outcome: f"{outcome.ms_per_line:.2f}",
}


def show(console: Console, outcome: Outcome) -> None:
    table = Table("", outcome.source, title_justify="left")
    table.columns[1].justify = "right"
    for name, figure in FIGURES.items():
        table.add_row(name, figure(outcome))
    console.print(table)
    show_kinds(console, "failed lines", outcome.failures)
    show_kinds(console, "refused invoices", outcome.refusals)
    for reason, count in outcome.review_reasons.most_common(8):
        console.print(f"{count:>8,}  fuzzy_review: {reason}", markup=False)
    for name, count in outcome.warnings.most_common():
        console.print(f"{count:>8,}  warnings {name}")
    for name, count in outcome.contradictions.items():
        console.print(f"{count:>8,}  {name}", style=None if count == 0 else "bold red")


def show_kinds(console: Console, title: str, kinds: Kinds) -> None:
    for row in kinds.rows():
        console.print(f"{row['count']:>8,}  {title}: {row['kind']}: {row['message']}", markup=False, soft_wrap=True)
        console.print(f"          such as {row['example']}", markup=False, soft_wrap=True, style="dim")

"""Real purchases through the library, in date order: `python -m benchmarks.real`.

Books a wholesaler's ledger, a state's liquor sales and a restaurant's purchases by the public API, each into a tenant of its
own, says what became of every line, and checks by SQL that the books are true. Pack sizes as vendors write them are read too.
What the files are, where they come from, and what was found: docs/real-data.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO
from uuid import UUID, uuid5

import psycopg
from rich.console import Console
from rich.progress import track

import invoicedb
from benchmarks.latency import benchmark_database
from benchmarks.real_inputs import DATA, SOURCES, Document, Source
from benchmarks.real_outcome import Outcome, show
from benchmarks.real_packs import FILE as PACK_SIZES
from benchmarks.real_packs import pack_sizes, show_packs
from invoicedb.sql import statements_of

STATEMENTS = dict(statements_of(Path(__file__).with_name("real.sql").read_text("utf-8")))
WAITING = "decisions_waiting"
CHECKS = {name: check for name, check in STATEMENTS.items() if name != WAITING}
TENANTS = UUID("6d0b5b7e-6c5e-4c0e-9d39-2a4a3c6b1f10")
NAMES = (*(source.name for source in SOURCES), "packs")


@dataclass(slots=True)
class Matches:
    """Each match by description, once, as CSV: for a person to judge."""

    file: TextIO
    seen: set[tuple[Any, ...]] = field(default_factory=set)

    def write(self, source: str, result: invoicedb.InvoiceResult) -> None:
        for line in result.matched("fuzzy_auto", "fuzzy_review"):
            row = (source, line.match_method, line.item_number, line.description, line.pack_size, line.item_name)
            if row not in self.seen:
                self.seen.add(row)
                where = (result.vendor_name, result.invoice_number, result.invoice_date, line.line_number)
                csv.writer(self.file).writerow((*row, line.match_score, "; ".join(line.match_reasons), *where))


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real", description=__doc__)
    parser.add_argument("--source", choices=NAMES, action="append", help="only this one; may be given again")
    parser.add_argument("--limit", type=int, metavar="INVOICES", help="the first so many of each source")
    parser.add_argument("--dsn", help="a server to make a database on, dropped afterwards; else an embedded one is started")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write what became of them there, too")
    parser.add_argument("--matches", type=Path, metavar="PATH", help="write each match by description there, as CSV")
    return parser.parse_args(arguments)


def book(database: invoicedb.Database, source: Source, documents: Sequence[Document], matches: Matches | None) -> Outcome:
    """All documents, one after the other; a refused one holds up none of the others."""
    outcome = Outcome(source.name)
    user_id = uuid5(TENANTS, source.name)
    results = database.process_invoices((user_id, document) for document in documents)
    shown = track(documents, f"booking {source.name}", console=Console(stderr=True))
    started = perf_counter()
    for document, result in zip(shown, results, strict=True):
        outcome.add(document, result)
        if matches is not None and isinstance(result, invoicedb.InvoiceResult):
            matches.write(source.name, result)
    outcome.seconds = perf_counter() - started
    return outcome


def look_into(dsn: str, outcome: Outcome) -> None:
    """How often each thing that must be true is not, and how much waits for a person: see real.sql."""
    params = {"user_id": uuid5(TENANTS, outcome.source), "sent": outcome.lines_sent - outcome.lines_refused}
    with psycopg.connect(dsn) as connection:
        outcome.contradictions = {name: counted(connection, check, params) for name, check in CHECKS.items()}
        outcome.waiting = counted(connection, STATEMENTS[WAITING], params)


def counted(connection: psycopg.Connection, statement: str, params: Mapping[str, Any]) -> int:
    ((count,),) = connection.execute(statement.encode(), params).fetchall()
    return int(count)


def book_sources(sources: Sequence[Source], options: argparse.Namespace, console: Console) -> Iterator[Outcome]:
    with ExitStack() as stack:
        dsn = stack.enter_context(benchmark_database(options.dsn))
        database = stack.enter_context(invoicedb.connect(dsn))
        path: Path | None = options.matches
        file = None if path is None else stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        for source in sources:
            matches = None if file is None else Matches(file)
            outcome = book(database, source, source.documents()[: options.limit], matches)
            look_into(dsn, outcome)
            show(console, outcome)
            yield outcome


def require_files(sources: Sequence[Source], *, packs: bool) -> None:
    missing = [path for source in sources for path in source.missing()]
    missing += [DATA / PACK_SIZES] if packs and not (DATA / PACK_SIZES).exists() else []
    if missing:
        sys.exit(f"not there: {', '.join(map(str, missing))}; docs/real-data.md says where these files come from")


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    wanted = options.source or NAMES
    sources = [source for source in SOURCES if source.name in wanted]
    require_files(sources, packs="packs" in wanted)
    console = Console() if Console().is_terminal else Console(width=160)
    outcomes = list(book_sources(sources, options, console)) if sources else []
    results = [outcome.as_json() for outcome in outcomes]
    if "packs" in wanted:
        found = pack_sizes()
        show_packs(console, found)
        results.append(found.as_json())
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if any(outcome.contradicts for outcome in outcomes):
        sys.exit(1)


if __name__ == "__main__":
    main()

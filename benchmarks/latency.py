"""How long one invoice takes, side by side with other ways to book it: `python -m benchmarks.latency`.

Measured on the local socket and through a proxy that makes each round trip longer; round trips are counted on the wire. All
take turns in one run, on the same invoices, each rival in its own tenant's catalog. Without `--dsn` an embedded server is
started, which does not wait for the disk unless asked to by `--durable`: that favours whoever commits often.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import track

import invoicedb
from benchmarks.catalog import fill, make_items
from benchmarks.measure import contest, paths_to
from benchmarks.report import as_json, machine, results_of, show
from benchmarks.rivals.batched import Batched
from benchmarks.rivals.function import Function
from benchmarks.rivals.measured import Library, LibraryReplay, LibraryWithNewLines
from benchmarks.rivals.one_statement import OneStatement
from benchmarks.rivals.sequential import Sequential
from benchmarks.workload import Workload
from tests.servers import server, with_database

RIVALS = (Sequential, Batched, Function, OneStatement, Library, LibraryWithNewLines, LibraryReplay)
TENANTS = UUID("5b0c7b0e-6f4a-4d1c-9a53-7a8f0d1e2c3b")
OTHERS = 10
"""Tenants that nobody books into: a tenth of the items each, so that an index holds more than what is asked for."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="bookings of each rival on each path (default 40)")
    parser.add_argument("--delays", type=numbers, default=[0.0, 5.0, 20.0], help="milliseconds of round trip (default 0,5,20)")
    parser.add_argument("--items", type=int, default=10_000, help="items in the tenant's catalog (default 10000)")
    parser.add_argument("--lines", type=int, default=15, help="lines of an invoice (default 15)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dsn", help="a server to make a database on, dropped afterwards; else an embedded one is started")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write what was measured there, too")
    parser.add_argument(
        "--only", type=words, default=[], help="only rivals with one of these words in their name: invoicedb,function"
    )
    parser.add_argument("--durable", action="store_true", help="let the embedded server wait for the disk, as real ones do")
    parser.add_argument("--never-analysed", action="store_true", help="in a database that no ANALYZE has seen")
    return parser.parse_args(arguments)


def numbers(text: str) -> list[float]:
    return [float(each) for each in text.split(",") if each]


def words(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


@contextmanager
def benchmark_database(dsn: str | None, *, durable: bool = False) -> Iterator[str]:
    """A migrated database of its own, on the server that was named or on an embedded one."""
    if dsn is None:
        with server() as started:
            if durable:
                wait_for_disk(started)
            with benchmark_database(started) as made:
                yield made
        return
    name = sql.Identifier(f"invoicedb_benchmark_{uuid4().hex[:8]}")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            made = with_database(dsn, name.as_string().strip('"'))
            with invoicedb.connect(made) as database:
                database.migrate()
            yield made
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def wait_for_disk(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM RESET fsync")
        connection.execute("ALTER SYSTEM RESET full_page_writes")
        connection.execute("SELECT pg_reload_conf()")


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    kinds = [kind for kind in RIVALS if not options.only or any(word in kind.name for word in options.only)]
    users = {kind.tenant: uuid5(TENANTS, kind.tenant) for kind in kinds}
    workload = Workload(make_items(options.items), options.lines, options.seed)
    console = Console(stderr=True)
    with benchmark_database(options.dsn, durable=options.durable) as dsn:
        with console.status("filling the catalogs"):
            tenants = [(user_id, options.items) for user_id in users.values()]
            tenants += [(uuid5(TENANTS, f"other {number}"), options.items // 10) for number in range(OTHERS)]
            fill(dsn, workload.items, tenants, analyzed=not options.never_analysed)
        with paths_to(dsn, options.delays) as paths, contest(workload, users, kinds, paths) as held:
            held.warm_up()
            for _ in track(range(options.rounds), "measuring", console=console):
                held.take_round()
            results = results_of(held)
        described = machine(dsn)
    settings = {name: value for name, value in vars(options).items() if name not in ("json", "dsn")}
    show(results, described, settings)
    if options.json is not None:
        options.json.write_text(json.dumps(as_json(results, described, settings), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""What it costs to prove the numbers: `python -m benchmarks.verify`.

`Database.verify` beside plain sums by item, in turns, in one run: over the movements alone, and over all the rows that verify
reads (lines, movements, prices). The sums are planned as the server likes, in a database of this tenant alone, which suits
them: they may read whole tables. Other programs share the machine: trust the ratios.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from uuid import UUID, uuid4

import psycopg

import invoicedb
from benchmarks.catalog import fill, make_items
from benchmarks.latency import benchmark_database

MOVEMENTS = "SELECT inventory_item_id, sum(quantity_change) FROM inventory_transactions WHERE user_id = %s GROUP BY 1"
LINES = "SELECT inventory_item_id, sum(quantity) FROM invoice_lines WHERE user_id = %s GROUP BY 1"
PRICES = "SELECT inventory_item_id, sum(unit_price) FROM price_history WHERE user_id = %s GROUP BY 1"
SUMS = {"plain sum over the movements": (MOVEMENTS,), "plain sums over all rows read": (MOVEMENTS, LINES, PRICES)}


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify", description=__doc__)
    parser.add_argument("--items", type=int, default=20_000, help="items in the tenant's catalog (default 20000)")
    parser.add_argument("--history", type=int, default=10, help="movements of each item (default 10)")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured (default 7); the best counts")
    parser.add_argument("--dsn", help="a server to make a database on, dropped afterwards; else an embedded one is started")
    return parser.parse_args(arguments)


def seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def measure(dsn: str, user_id: UUID, rounds: int) -> dict[str, float]:
    best: dict[str, float] = {}
    with invoicedb.connect(dsn) as database, psycopg.connect(dsn, autocommit=True) as connection:
        works: dict[str, Callable[[], object]] = {
            name: partial(take_sums, connection, texts, user_id) for name, texts in SUMS.items()
        }
        works["verify"] = lambda: require_silence(list(database.verify(user_id)))
        for _ in range(rounds):
            for name, work in works.items():
                best[name] = min(seconds(work), best.get(name, float("inf")))
    return best


def take_sums(connection: psycopg.Connection, texts: Sequence[str], user_id: UUID) -> None:
    for text in texts:
        connection.execute(text.encode(), [user_id]).fetchall()


def require_silence(found: Sequence[invoicedb.Difference]) -> None:
    assert not found, found[:3]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    user_id = uuid4()
    with benchmark_database(options.dsn) as dsn:
        fill(dsn, make_items(options.items), [(user_id, options.items)], history=options.history)
        best = measure(dsn, user_id, options.rounds)
    for name, taken in best.items():
        print(f"{name:32} {taken * 1000:8.0f} ms   verify takes {best['verify'] / taken:5.1f} times that")


if __name__ == "__main__":
    main()

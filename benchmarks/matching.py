"""How often matching is wrong, and how long it takes: `python -m benchmarks.matching`.

The matcher is ingest's own, and its candidates come through ingest's own statement from a database that holds the catalog.
Beside it stand plain string scores, which see the whole catalog. Catalogs of invented names show how the time grows.

The sets lie beside the checkout, in ../shared/data/matching; one that is not there is left out, and named.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.latency import benchmark_database, words
from benchmarks.matching_catalog import open_connection
from benchmarks.matching_rates import Answers, answers_to, catalogs_of, pair_rates
from benchmarks.matching_report import Results, as_json, show, show_wrong
from benchmarks.matching_scale import Measured, measure
from benchmarks.matching_scorers import SCORERS, PairRates, plain_pair_rates, plain_rates
from benchmarks.matching_sets import DATA, FOOD_PAIRS, MatchingSet, Pair, names_in, read_pairs, read_set
from benchmarks.progress import CONSOLE
from benchmarks.report import machine

PARTS = ["rates", "scorers", "scale"]
SIZES = [1_000, 10_000, 100_000]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--only", type=words, default=PARTS, help=f"some of its parts: {','.join(PARTS)} (default all)")
    parser.add_argument("--sets", type=words, default=[], help="only these sets: food_pairs,abt-buy (default all)")
    parser.add_argument("--data", type=Path, default=DATA, help="where the directory `matching` with the sets is")
    parser.add_argument("--items", type=numbers, default=SIZES, help="sizes of catalogs (default 1000,10000,100000)")
    parser.add_argument("--rounds", type=int, default=60, help="how often each size is asked (default 60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="list every automatic match that is wrong")
    parser.add_argument("--dsn", help="a server to make databases on, dropped afterwards; else an embedded one is started")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write what was measured there, too")
    return parser.parse_args(arguments)


def numbers(text: str) -> list[int]:
    return [int(each) for each in words(text)]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    names = options.sets or names_in(options.data)
    sets, pairs = list(sets_there(options.data, names)), pairs_there(options.data, names)
    with benchmark_database(options.dsn) as dsn:
        results = Results(machine(dsn), {"seed": options.seed, "rounds": options.rounds})
        if "rates" in options.only:
            results.pairs, results.answers = matched(dsn, sets, pairs)
        if "scorers" in options.only:
            results.pairs += [rates for scorer in SCORERS if pairs for rates in plain_pair_rates(pairs, scorer)]
            results.plain = {each.name: plain_rates(each) for each in sets}
        if "scale" in options.only:
            results.sizes = [measured_size(dsn, size, options) for size in options.items]
    console = Console() if Console().is_terminal else Console(width=150)
    show(results, console)
    if options.wrong:
        show_wrong(results.answers, console)
    if options.json is not None:
        options.json.write_text(json.dumps(as_json(results), indent=1) + "\n", "utf-8")


def sets_there(data: Path, names: Sequence[str]) -> Iterator[MatchingSet]:
    for name in names:
        try:
            if name != FOOD_PAIRS:
                yield read_set(data, name)
        except FileNotFoundError as error:
            leave_out(name, error)


def pairs_there(data: Path, names: Sequence[str]) -> list[Pair]:
    try:
        return read_pairs(data) if FOOD_PAIRS in names else []
    except FileNotFoundError as error:
        leave_out(FOOD_PAIRS, error)
    return []


def leave_out(name: str, error: FileNotFoundError) -> None:
    CONSOLE.print(f"{name} is left out: there is no {error.filename}", soft_wrap=True)


def matched(dsn: str, sets: Sequence[MatchingSet], pairs: Sequence[Pair]) -> tuple[list[PairRates], list[Answers]]:
    with open_connection(dsn) as connection:
        of_pairs = [pair_rates(connection, pairs)] if pairs else []
        return of_pairs, [answers_to(catalog, each) for each, catalog in zip(sets, catalogs_of(connection, sets), strict=True)]


def measured_size(dsn: str, size: int, options: argparse.Namespace) -> Measured:
    with benchmark_database(dsn) as own, open_connection(own) as connection:
        return measure(connection, size, options.rounds, options.seed)


if __name__ == "__main__":
    main()

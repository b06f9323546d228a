"""What was measured of matching, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.matching_catalog import LINES
from benchmarks.matching_rates import OURS, Answers, Rates, rates_of
from benchmarks.matching_scale import Measured
from benchmarks.matching_scorers import PairRates, PlainRates

BARS = (
    "Bars: at 1,000,000 items the look-up takes at most 25 ms and at most 10 x that of 1,000; at 10,000 items 15 lines are "
    "planned in at most 30 ms."
)


@dataclass(slots=True)
class Results:
    machine: Mapping[str, Any]
    settings: Mapping[str, Any]
    pairs: list[PairRates] = field(default_factory=list)
    answers: list[Answers] = field(default_factory=list)
    plain: dict[str, list[PlainRates]] = field(default_factory=dict)
    sizes: list[Measured] = field(default_factory=list)


def show(results: Results, console: Console) -> None:
    rates = {answers.name: rates_of(answers) for answers in results.answers}
    if rates:
        console.print(rates_table(rates))
    if results.pairs:
        console.print(pairs_table(results.pairs))
    if results.plain:
        console.print(plain_table(results.plain, rates))
    if results.sizes:
        console.print(sizes_table(results.sizes))
    console.print(", ".join(f"{name} {value}" for name, value in results.machine.items()), soft_wrap=True)


def table_of(title: str, *columns: str, caption: str | None = None) -> Table:
    table = Table(*columns, title=title, title_justify="left", caption=caption, caption_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else f"{part}"


def ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


# ---- rates -----------------------------------------------------------------------------------------------------------------

MEASURES: Mapping[str, Callable[[Rates], str]] = {
    "items in the catalog": lambda rates: f"{rates.items:,}",
    "lines": lambda rates: f"{rates.queries:,}",
    "automatic": lambda rates: share(rates.automatic, rates.queries),
    "  wrong, of them reading alike": lambda rates: f"{rates.wrong}, {rates.wrong_alike}",
    "  precision": lambda rates: ratio(rates.precision),
    "coverage: automatic and right": lambda rates: ratio(rates.coverage),
    "caught: right, automatic or in review": lambda rates: ratio(rates.caught / rates.queries),
    "sent to review": lambda rates: share(rates.review, rates.queries),
    "failed": lambda rates: f"{rates.failed}",
    "candidates' recall at 20": lambda rates: ratio(rates.found / rates.queries),
    "absent: automatic, of them reading alike": lambda rates: (
        f"{share(rates.absent_automatic, rates.queries)}, {rates.absent_alike}"
    ),
    "absent: sent to review": lambda rates: share(rates.absent_review, rates.queries),
    "own absent: automatic, of them reading alike": lambda rates: (
        f"{share(rates.own_automatic, rates.items)}, {rates.own_alike}"
    ),
    "own absent: sent to review": lambda rates: share(rates.own_review, rates.items),
}
"""A row each: what it is called, and what stands in the column of a set."""

EXPLAINED = (
    "absent: every line again, its items' match keys deleted; own absent: every item's name as a line, that item's keys "
    "deleted. Whatever is automatic then is a false merge, unless the catalog has the goods twice: two texts that read alike "
    "(same words, numbers, codes, sizes) can't be told apart by any matcher."
)


def rates_table(rates: Mapping[str, Rates]) -> Table:
    table = table_of("How often matching is right", "", *rates, caption=EXPLAINED)
    for name, measure in MEASURES.items():
        table.add_row(name, *map(measure, rates.values()))
    return table


def show_wrong(results: Iterable[Answers], console: Console) -> None:
    """Every automatic match that is wrong, with the reasons that ingest would store."""
    for answers in results:
        for kind, some in (("present", answers.present), ("absent", answers.absent), ("own absent", answers.own)):
            for each in (each for each in some if each.is_wrong_automatic):
                said = f"{answers.name}, {kind}: {each.line.text!r} is {'; '.join(each.answer.reasons)}"
                console.print(said, markup=False, highlight=False, soft_wrap=True)


# ---- plain scores beside it ------------------------------------------------------------------------------------------------


def pairs_table(pairs: Iterable[PairRates]) -> Table:
    columns = ("", "from score", "same: automatic", "same: review", "others: automatic", "others: review")
    table = table_of("Pairs made by hand, each asked both ways", *columns)
    for each in pairs:
        same, other = (each.same_automatic, each.same_review), (each.other_automatic, each.other_review)
        cells = [share(part, each.same) for part in same] + [share(part, each.other) for part in other]
        table.add_row(each.scorer, from_score(each.threshold, each.scorer), *cells)
    return table


def plain_table(plain: Mapping[str, Sequence[PlainRates]], rates: Mapping[str, Rates]) -> Table:
    columns = ("", "from score", "automatic", "wrong", "precision", "coverage", "absent: automatic", "own absent: automatic")
    caption = "The second score of each: the lowest from which 99 % are right, chosen with the right answers in hand."
    table = table_of("Plain scores over the whole catalog", *columns, caption=caption)
    for name, some in plain.items():
        table.add_section()
        table.add_row(f"[bold]{name}")
        if name in rates:
            table.add_row(OURS, "", *plain_cells(rates[name]))
        for each in some:
            table.add_row(each.scorer, from_score(each.threshold, each.scorer), *plain_cells(each))
    return table


def plain_cells(each: Rates | PlainRates) -> tuple[str, ...]:
    right = each.automatic - each.wrong
    counts = (str(each.absent_automatic), str(each.own_automatic))
    return (
        str(each.automatic),
        str(each.wrong),
        ratio(right / each.automatic if each.automatic else None),
        ratio(right / each.queries),
        *counts,
    )


def from_score(threshold: float | None, scorer: str) -> str:
    if threshold is None:
        return "" if scorer == OURS else "none"
    return f"{threshold:.1f}"


# ---- growth ----------------------------------------------------------------------------------------------------------------


def sizes_table(sizes: Sequence[Measured]) -> Table:
    columns = (
        "items",
        "match keys",
        "look-up, ms",
        "quartiles",
        "x smallest",
        "recall at 20",
        "plan, ms: names new",
        "names read",
        "ms per line",
    )
    table = table_of(f"{LINES} lines that nobody knows, in one statement", *columns, caption=BARS)
    for each in sizes:
        low, _, high = quantiles(each.look_ups, n=4, method="inclusive")
        table.add_row(
            f"{each.items:,}",
            f"{each.keys:,}",
            milliseconds(median(each.look_ups)),
            f"{milliseconds(low)} - {milliseconds(high)}",
            f"{median(each.look_ups) / median(sizes[0].look_ups):.1f}",
            ratio(each.found / each.lines),
            milliseconds(median(each.first)),
            milliseconds(median(each.again)),
            milliseconds(each.per_line),
        )
    return table


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"


# ---- JSON ------------------------------------------------------------------------------------------------------------------


def as_json(results: Results) -> dict[str, Any]:
    """Counts and times; no text of any set."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": results.machine,
        "settings": results.settings,
        "rates": {answers.name: asdict(rates_of(answers)) for answers in results.answers},
        "pairs": [asdict(each) for each in results.pairs],
        "plain": {name: [asdict(each) for each in some] for name, some in results.plain.items()},
        "sizes": [asdict(each) | {"per_line": each.per_line} for each in results.sizes],
    }

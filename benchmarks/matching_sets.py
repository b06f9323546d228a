"""The sets that the matcher is measured on: catalogs, lines, and the items that each line means.

They lie beside the checkout and are no part of it. A directory with `left.csv`, `right.csv` and `matches.csv` is a set: lines,
items, and which of them belong together. Whoever puts one there has it measured.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

DATA = Path(__file__).parents[1].parent / "shared" / "data"
TABLES = ("left.csv", "right.csv", "matches.csv")
FOOD_PAIRS = "food_pairs"
RETAIL = "online-retail-variants"
DEPOT = "restaurant-depot"
LIQUOR = "iowa-liquor"
EXPECTED = (FOOD_PAIRS, RETAIL, "abt-buy", "amazon-google", "restaurant", DEPOT, LIQUOR)
"""Sets that somebody should hear of when they are not there."""

TEXT_COLUMNS = ("name", "title", "item_text", "text", "description")
"""What the column of a table of texts may be called: the first that it has."""

NOT_ORDERED = "(do not order)"


@dataclass(frozen=True, slots=True)
class Text:
    """An item's name or a line's description, and the pack size, blank where none is stated."""

    id: str
    text: str
    pack: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A line, and the items that it means: more than one where the catalog has one twice."""

    line: Text
    true: frozenset[str]


@dataclass(frozen=True, slots=True)
class MatchingSet:
    name: str
    catalog: tuple[Text, ...]
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and whether they are the `same` goods, `different` ones, or a person's to decide (`review`)."""

    left: Text
    right: Text
    label: str


def names_in(data: Path) -> list[str]:
    """Every set that is there or should be."""
    found = sorted(place.parent.name for place in (data / "matching").glob(f"*/{TABLES[0]}"))
    return list(dict.fromkeys((*EXPECTED, *found)))


def read_set(data: Path, name: str) -> MatchingSet:
    """The set of that name. Raises FileNotFoundError where it is not there."""
    place = data / "matching"
    if name == RETAIL:
        return retail_variants(place / f"{RETAIL}.json.gz")
    if name == DEPOT:
        return restaurant_depot(place / f"{DEPOT}.csv")
    if name == LIQUOR:
        return liquor(data / "iowa-liquor-day.csv.gz", data / "iowa-liquor-sample.csv")
    return joined(name, *(rows_of(place / name / table) for table in TABLES))


def read_pairs(data: Path) -> list[Pair]:
    """The pairs made by hand. Raises FileNotFoundError where they are not there."""
    rows = rows_of(data / "matching" / f"{FOOD_PAIRS}.csv")
    return [Pair(side_of(row, "left", at), side_of(row, "right", at), row["label"]) for at, row in enumerate(rows)]


def rows_of(path: Path) -> list[dict[str, str]]:
    stored = path.read_bytes()
    text = (gzip.decompress(stored) if path.suffix == ".gz" else stored).decode("utf-8")
    return list(csv.DictReader(StringIO(text, newline="")))


def side_of(row: dict[str, str], side: str, number: int) -> Text:
    return Text(f"{side} {number}", row[f"{side}_text"], row[f"{side}_pack"])


def joined(
    name: str, left: Iterable[dict[str, str]], right: Iterable[dict[str, str]], matches: Iterable[dict[str, str]]
) -> MatchingSet:
    """Of lines without a match nothing is known: the sets miss many, and people leave lines for later. They are not asked."""
    true: dict[str, set[str]] = {}
    for match in matches:
        true.setdefault(match["left_id"], set()).add(match["right_id"])
    lines = [line for line in texts_of(left) if line.id in true]
    return MatchingSet(name, tuple(texts_of(right)), tuple(Query(line, frozenset(true[line.id])) for line in lines))


def texts_of(rows: Iterable[dict[str, str]]) -> list[Text]:
    return [Text(row["id"], next(row[column] for column in TEXT_COLUMNS if column in row)) for row in rows]


def retail_variants(path: Path) -> MatchingSet:
    """Of each stock code the most used description is an item's name, the other ones are lines."""
    stored = json.loads(gzip.decompress(path.read_bytes()))
    queries = tuple(Query(Text(*line), frozenset(true)) for *line, true, _ in stored["queries"])
    return MatchingSet(RETAIL, tuple(Text(*item) for item in stored["catalog"]), queries)


def restaurant_depot(path: Path) -> MatchingSet:
    """A wholesaler's texts, and the names that a buyer has for the goods. A text that repeats is asked once."""
    bought: dict[str, set[str]] = {}
    for row in rows_of(path):
        if row["buyer_name"] and not row["buyer_name"].startswith(NOT_ORDERED):
            bought.setdefault(row["vendor_text"], set()).add(row["buyer_name"])
    catalog = sorted(set().union(*bought.values()))
    queries = tuple(Query(Text(text, text), frozenset(names)) for text, names in bought.items())
    return MatchingSet(DEPOT, tuple(Text(name, name) for name in catalog), queries)


def liquor(day: Path, later: Path) -> MatchingSet:
    """A wholesaler's bottles on one day, and how it called those of the same number years later: the only set with packs."""
    items: dict[str, Text] = {}
    for row in rows_of(day):
        items.setdefault(row["item_number"], bottle(row["item_number"], row))
    lines = dict.fromkeys((row["item_number"], bottle(row["item_description"], row)) for row in rows_of(later))
    queries = tuple(Query(line, frozenset({number})) for number, line in lines if number in items)
    return MatchingSet(LIQUOR, tuple(items.values()), queries)


def bottle(name: str, row: dict[str, str]) -> Text:
    return Text(name, row["item_description"], f"{row['pack']}/{row['bottle_volume_ml']} ML")

"""What a size may mean besides what it says: gallons by G, a gross by GR, articles by CUPS; and things that no word names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce

from invoicedb.domain.numbers import EXACT, plain
from invoicedb.domain.pack_grammar import Statement
from invoicedb.domain.pack_runs import Doubt, is_count
from invoicedb.domain.pack_scan import Scan
from invoicedb.domain.vocabulary import (
    BAG_IN_BOX,
    CUSTOMARY_COUNTS,
    GALLON_SIZES,
    GALLONS_OR_GAUGE,
    GRAMS_OR_GALLONS,
    GRAMS_OR_GROSS,
    HOLDERS_OF_GALLONS,
    HOLDERS_OF_PIECES,
    MATERIALS,
)

HALF_A_DOZEN = 6
_A_DRUM = 55
"""Gallons: what is more comes in no pack, so it is grams."""

_MOST_GROSSES = 20
_CUPS = frozenset({"CUP", "CUPS"})


def in_words(statement: Statement) -> str:
    """The statement as a bookkeeper reads it: 6 x 5 lb; 36 bags; 12 x 32 oz, and (weight) where the text says so."""
    counts = [plain(count) for count in statement.counts]
    if statement.kind == "container":
        return " x ".join(counts) + f" {statement.noun.lower() or 'each'}"
    note = " (weight)" if statement.unit == "oz" and not statement.may_be_fluid else ""
    return " x ".join([*counts, plain(statement.size)]) + f" {statement.unit}{note}"


def in_any_unit(numbers: str) -> Sequence[str]:
    """What numbers without a unit may be."""
    return [f"{numbers} {unit}" for unit in ("each", "g", "lb", "oz", "ml")]


def of_two_meanings(found: Scan, one: Statement) -> Statement | Doubt:
    """`one`, or what else its text may mean."""
    if one.noun == GRAMS_OR_GALLONS:
        return _grams_or_gallons(found, one)
    if one.noun in GRAMS_OR_GROSS and is_count(one.size) and one.size <= _MOST_GROSSES:
        return Doubt(readings=(in_words(one), f"{in_words(replace(one, unit='gross'))} (of 144)"))
    if one.kind == "measure" and found.tokens[one.end - 1].text in _CUPS and MATERIALS.issuperset(found.names):
        return _cups(one)
    if one.noun == GALLONS_OR_GAUGE and one.size > _A_DRUM:
        return Doubt(readings=(in_words(one), f"a gauge of {plain(one.size)}"))
    return one


def _grams_or_gallons(found: Scan, one: Statement) -> Statement | Doubt:
    """5G: gallons in a pail or a bag in box, grams by the amount in 250G, and else either."""
    gallons = replace(one, unit="gal", noun="GAL")
    all_told = reduce(EXACT.multiply, one.counts, one.size)
    said = {token.text for token in found.tokens}
    if one.size <= _A_DRUM and not said.isdisjoint(HOLDERS_OF_GALLONS):
        return gallons
    if one.size not in GALLON_SIZES or all_told > _A_DRUM:
        return one
    return gallons if BAG_IN_BOX in said else Doubt(readings=(in_words(one), in_words(gallons)))


def _cups(one: Statement) -> Doubt:
    """72/4OZ CUPS: what is in 72 cups, or 72 cups as an article."""
    counts = " x ".join(map(plain, one.counts))
    article = f"{counts} cups" if counts else "1 cup"
    return Doubt(readings=(in_words(one), f"{article} of {plain(one.size)} {one.unit}, empty"))


def bare_contents(found: Scan) -> Statement | Doubt | None:
    """CS/24, PK/12, 10 BX/100: how many are in the case, as a price list says in its column for units.

    Dozens and hundreds are of pieces; a case of 40 may as well hold pounds.
    """
    tokens = found.tokens
    packs = tokens[0].value if tokens[0].kind == "number" else None
    position = 0 if packs is None else 1
    if tokens[position].text not in HOLDERS_OF_PIECES or tokens[position + 1].text != "/":
        return None
    content = tokens[position + 2]
    if content.value is None or tokens[position + 3].kind != "end" or not is_count(content.value):
        return None
    counts = () if packs is None else (packs,)
    if not all(map(is_count, counts)):
        return None
    if _is_of_pieces(content.value, is_alone=packs is None):
        return Statement(counts, content.value, "each", "piece", "", 0, position + 3)
    return Doubt(readings=in_any_unit(" x ".join(map(plain, (*counts, content.value)))))


def _is_of_pieces(number: Decimal, *, is_alone: bool) -> bool:
    by_the_dozen = is_alone and not number % HALF_A_DOZEN and bool(number % 10)
    return by_the_dozen or number in CUSTOMARY_COUNTS or not number % 100

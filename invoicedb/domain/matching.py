"""Decides which item a line means: surely enough to book it, likely enough to ask, or none of them.

Pure: a reading and candidates in, a decision with its reasons out, the same whatever the order of the candidates. A remembered
mapping (`exact`) needs none of this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from invoicedb.domain.comparison import Comparison, compare, most_in_common
from invoicedb.domain.dictionary import EMPTY, Dictionary
from invoicedb.domain.match_keys import CANDIDATES, KEY_FORMAT, Candidate, KeyIndex, best_candidates, match_keys
from invoicedb.domain.reading import Reading, read
from invoicedb.domain.stated_sizes import Pack, Size, read_pack

__all__ = [
    "CANDIDATES",
    "KEY_FORMAT",
    "Candidate",
    "Decision",
    "KeyIndex",
    "MatchMethod",
    "Reading",
    "Thresholds",
    "best_candidates",
    "decide",
    "fits",
    "match_keys",
    "may_mean",
    "read",
]


class MatchMethod(StrEnum):
    """How a line found its item."""

    EXACT = "exact"
    FUZZY_AUTO = "fuzzy_auto"
    FUZZY_REVIEW = "fuzzy_review"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The bars of a decision, scores from 0 to 1.

    `automatic`: the lowest bar without a wrong match on a retailer's renamed articles. `review` is for names where one only
    says more, `review_replaced` for names with other words: one bar at .62 sent half of all new articles to review, these two a
    tenth. `margin`: the lead over the next item. `caution` and `pack`: what a caution and another unit size cost; a pack costs
    more than the margin, so that of two items with one name the pack decides.
    """

    automatic: float = 0.90
    review: float = 0.62
    review_replaced: float = 0.80
    margin: float = 0.04
    caution: float = 0.03
    pack: float = 0.05


DEFAULT_THRESHOLDS = Thresholds()

SIMILAR = 0.70
"""From this score on a new item is said to be similar to a known one: three of four words are the same."""

Names: TypeAlias = list[tuple[str, Reading]]
"""The ways of naming one item, and what each says."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a line means: FUZZY_AUTO or FUZZY_REVIEW with `item_id`, or NEW.

    `score` (0 to 1, four places) is of the best item that nothing speaks against, None where there is none; `runner_up` is the
    next one. `reasons` are short sentences for a person. `similar` is the item that a new one would stand beside, if it has
    nearly the same name.
    """

    method: MatchMethod
    item_id: UUID | None = None
    score: Decimal | None = None
    runner_up: UUID | None = None
    runner_up_score: Decimal | None = None
    reasons: tuple[str, ...] = ()
    similar: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as its candidates are compared with it. `common_codes` single out none of them."""

    reading: Reading
    base_unit: str | None
    common_codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate as its best alias shows it. `bar` is the score from which a person looks at it.

    `is_told_apart`: the vendor itself tells it from the line, by a number and by words. `says_more`: one of its names says all
    that the line says, and more. `is_packed_alike`: it is known in the line's unit size.
    """

    item_id: UUID
    alias: str
    score: float
    bar: float
    vetoes: tuple[str, ...]
    cautions: tuple[str, ...]
    is_told_apart: bool
    says_more: bool
    is_packed_alike: bool


def decide(
    reading: Reading,
    base_unit: str | None,
    candidates: Sequence[Candidate],
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    dictionary: Dictionary = EMPTY,
) -> Decision:
    """The item that a line means. `base_unit` (g, ml, each) is of the line's pack, None where no pack is known.

    A line without words is NEW, as a number alone says nothing. A candidate of another dimension is never automatic. Candidates
    that can't come near the bar of a review are not compared: they are no runner-up, and no reason. `dictionary` is the one
    that `reading` was read with.
    """
    if not reading.has_words:
        return Decision(MatchMethod.NEW, reasons=("the line has no words to compare",))
    named = [(each, _names(each, dictionary)) for each in candidates]
    near = [each for each in named if _may_be_near(reading, [said for _, said in each[1]], thresholds)]
    line = Asked(reading, base_unit, _common_codes(reading, [names for _, names in near]))
    judged = sorted((_judge(line, *each, thresholds) for each in near), key=_best_first)
    standing = [each for each in judged if not each.vetoes]
    decision = _choose(standing[0], standing[1:], thresholds) if standing else _new(judged)
    beside = next((each.item_id for each in judged if each.is_told_apart and each.score >= SIMILAR), None)
    return replace(decision, similar=decision.similar or beside) if decision.method is MatchMethod.NEW else decision


def may_mean(reading: Reading, names: Iterable[str], thresholds: Thresholds, dictionary: Dictionary) -> bool:
    """Whether `decide` has a use for an item of these names: most candidates can't come near the bar of a review."""
    said = [read(name, None, dictionary) for name in names]
    return _may_be_near(reading, {(each.key, each.words): each for each in said}.values(), thresholds)


def fits(reading: Reading, accepted: Sequence[Reading], thresholds: Thresholds = DEFAULT_THRESHOLDS) -> bool:
    """Whether a new description of a known item number says the same as one of `accepted`: as sure as an automatic match.

    A description without words says nothing against them; words don't fit where only descriptions without words are accepted.
    """
    return not reading.has_words or any(_says_the_same(reading, other, thresholds) for other in accepted)


def _says_the_same(reading: Reading, other: Reading, thresholds: Thresholds) -> bool:
    if reading.key == other.key:
        return True
    # That the goods are the same the number says: another FOR or WITH is no reason to doubt it.
    found = compare(replace(reading, links=other.links), other)
    return not found.vetoes and not found.cautions and round(found.score, 4) >= thresholds.automatic


def _new(judged: Sequence[Judged]) -> Decision:
    against = [reason for each in judged[:1] for reason in (f"not {each.alias!r}", *each.vetoes)]
    return Decision(MatchMethod.NEW, reasons=tuple(against) or ("no item has enough words in common",))


def _choose(best: Judged, others: Sequence[Judged], thresholds: Thresholds) -> Decision:
    rival = next((other for other in others if round(best.score - other.score, 4) < thresholds.margin), None)
    fuller = next((other for other in others if other.says_more and other is not rival), None)
    doubts = [*best.cautions, *([f"{rival.alias!r} is as likely"] if rival else [])]
    if fuller and not best.is_packed_alike:
        doubts.append(f"{fuller.alias!r} says all that, too")
    if best.score < best.bar:
        method, doubts = MatchMethod.NEW, [*doubts, "too little in common"]
    elif doubts or best.score < thresholds.automatic:
        method = MatchMethod.FUZZY_REVIEW
    else:
        method = MatchMethod.FUZZY_AUTO
    runner_up = others[0] if others else None
    return Decision(
        method,
        item_id=None if method is MatchMethod.NEW else best.item_id,
        score=_places(best.score),
        runner_up=runner_up.item_id if runner_up else None,
        runner_up_score=_places(runner_up.score) if runner_up else None,
        reasons=(f"like {best.alias!r}", *doubts),
        similar=best.item_id if method is MatchMethod.NEW and best.score >= SIMILAR else None,
    )


def _places(score: float) -> Decimal:
    return Decimal(f"{score:.4f}")


def _best_first(judged: Judged) -> tuple[float, str, UUID]:
    """Of equal ones by name: ids are chance, and differ from one database to the next."""
    return -judged.score, judged.alias, judged.item_id


# ---- one candidate ---------------------------------------------------------------------------------------------------------


def _judge(line: Asked, candidate: Candidate, names: Names, thresholds: Thresholds) -> Judged:
    """The best alias speaks for its item; one that something speaks against only if there is no other."""
    packs = [read_pack(text) for text in candidate.packs if text]
    spoken = [(_compared(line, said, packs, thresholds), name) for name, said in names]
    (against, score, found), alias = min(spoken, key=lambda one: (one[0][0], -one[0][1], one[1]))
    packing = _pack_caution(line, candidate.base_unit, packs)
    is_told_apart = bool(candidate.other_number and found.cautions and not against)
    number = (f"this vendor sells it as {candidate.other_number}",) if candidate.other_number else ()
    return Judged(
        candidate.item_id,
        alias,
        score=round(max(score - thresholds.pack * len(packing), 0.0), 4),
        bar=thresholds.review_replaced if found.replaced else thresholds.review,
        vetoes=(*number, *found.cautions) if is_told_apart else tuple(found.vetoes if against else ()),
        cautions=(*found.cautions, *packing, *number),
        is_told_apart=is_told_apart,
        says_more=any(_says_more(said, line.reading) for _, said in names),
        is_packed_alike=bool(line.reading.pack.size and any(map(line.reading.pack.size.agrees, known_sizes(packs)))),
    )


def _says_more(name: Reading, line: Reading) -> bool:
    """A line that says less than two items do can't choose between them: its pack has to."""
    facts, codes = line.facts - line.own, line.codes - line.own
    return name.said > line.said and name.facts >= facts and name.codes >= codes and name.units >= line.units


def known_sizes(packs: Sequence[Pack]) -> list[Size]:
    return [pack.size for pack in packs if pack.size]


def _may_be_near(reading: Reading, names: Iterable[Reading], thresholds: Thresholds) -> bool:
    """Whether an item of these names may be looked at, or stand beside one that is: scores have four places."""
    near = thresholds.review - thresholds.margin - 0.0001
    return any(most_in_common(reading, said) >= near for said in names)


def _compared(line: Asked, name: Reading, packs: Sequence[Pack], thresholds: Thresholds) -> tuple[bool, float, Comparison]:
    found = compare(line.reading, name, packs, line.common_codes)
    return bool(found.vetoes), found.score - thresholds.caution * len(found.cautions), found


def _names(candidate: Candidate, dictionary: Dictionary) -> Names:
    """Each way of naming it once: a name and its spelling in capitals say the same, and are compared once."""
    names = sorted({candidate.name, *candidate.aliases}, reverse=True)
    readings = [read(name, None, dictionary) for name in names]
    return list({(each.key, each.words): (name, each) for each, name in zip(readings, names, strict=True)}.values())


def _common_codes(reading: Reading, named: Sequence[Names]) -> frozenset[str]:
    """The line's codes that several items name, as cartridges name their printer: they single out none."""
    if not reading.codes:
        return frozenset()
    codes = (frozenset[str]().union(*[said.codes for _, said in names]) for names in named)
    counted = Counter(code for each in codes for code in reading.codes & each)
    return frozenset(code for code, items in counted.items() if items > 1)


def _pack_caution(line: Asked, item_unit: str, packs: Sequence[Pack]) -> tuple[str, ...]:
    """Another case count of one unit size is the same goods, as stock is in base units; another unit size may be another."""
    size = line.reading.pack.size
    may_be = {line.base_unit, *(each.base_unit for each in (size.readings if size else ()))}
    if line.base_unit is not None and item_unit not in may_be:
        return (f"the line is in {line.base_unit}, the item in {item_unit}",)
    known = known_sizes(packs)
    if size and known and not any(size.agrees(other) for other in known):
        return ("the item is not known in this unit size",)
    return ()

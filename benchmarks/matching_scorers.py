"""Plain string scores beside the matcher: the likest item of the whole catalog is the match, from some score on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from benchmarks.matching_sets import MatchingSet, Pair, Query, Text
from benchmarks.progress import shown

SCORERS = (fuzz.WRatio, fuzz.token_set_ratio, fuzz.token_sort_ratio, fuzz.QRatio)
USUAL = 90.0
"""The threshold that people begin with."""

PRECISION = 0.99
"""What the other threshold is chosen for, with the right answers in hand: nobody could choose a better one."""

Scorer = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Likest:
    """The likest item to a line. `kind` is present, absent or own, as for the matcher."""

    kind: str
    score: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class PlainRates:
    """What a scorer does from `threshold` on, which is None where no threshold is precise enough."""

    scorer: str
    threshold: float | None
    queries: int
    automatic: int
    wrong: int
    absent_automatic: int
    own_automatic: int


@dataclass(frozen=True, slots=True)
class PairRates:
    """Of the pairs, each asked both ways: how many same ones and how many others are automatic, or for review."""

    scorer: str
    threshold: float | None
    same: int
    other: int
    same_automatic: int
    other_automatic: int
    same_review: int = 0
    other_review: int = 0


# ---- sets ------------------------------------------------------------------------------------------------------------------


def plain_rates(each: MatchingSet) -> list[PlainRates]:
    """Each scorer at the usual threshold, and at the lowest one from which its matches are precise."""
    rates = []
    for scorer in shown(SCORERS, f"{each.name}: plain scores", len(SCORERS)):
        found = list(likest(each, scorer))
        thresholds = (USUAL, lowest_precise([one for one in found if one.kind == "present"]))
        rates += [rates_from(scorer.__name__, threshold, found) for threshold in thresholds]
    return rates


def likest(each: MatchingSet, scorer: Scorer) -> Iterator[Likest]:
    """Texts in lower case and without signs, as rapidfuzz advises."""
    names, ids = [default_process(item.text) for item in each.catalog], [item.id for item in each.catalog]
    for query in each.queries:
        found = ranked(query, names, scorer)
        yield from [Likest("present", score, ids[place] in query.true) for place, score in found[:1]]
        yield from others("absent", query, found, ids)
    for item in each.catalog:
        own = Query(item, frozenset({item.id}))
        yield from others("own", own, ranked(own, names, scorer), ids)


def ranked(query: Query, names: Sequence[str], scorer: Scorer) -> list[tuple[int, float]]:
    """Places and scores: as many as it takes to have one that is not the line's own."""
    found = process.extract(default_process(query.line.text), names, scorer=scorer, limit=len(query.true) + 1)
    return [(place, score) for _, score, place in found]


def others(kind: str, query: Query, found: Iterable[tuple[int, float]], ids: Sequence[str]) -> list[Likest]:
    return [Likest(kind, score, False) for place, score in found if ids[place] not in query.true][:1]


def rates_from(name: str, threshold: float | None, found: Sequence[Likest]) -> PlainRates:
    automatic = [one for one in found if threshold is not None and one.score >= threshold]
    present = [one.is_right for one in automatic if one.kind == "present"]
    return PlainRates(
        scorer=name,
        threshold=threshold,
        queries=sum(one.kind == "present" for one in found),
        automatic=len(present),
        wrong=present.count(False),
        absent_automatic=sum(one.kind == "absent" for one in automatic),
        own_automatic=sum(one.kind == "own" for one in automatic),
    )


def lowest_precise(present: Iterable[Likest]) -> float | None:
    """Equal scores stand or fall together."""
    by_score = attrgetter("score")
    threshold, right, automatic = None, 0, 0
    for score, equal in groupby(sorted(present, key=by_score, reverse=True), key=by_score):
        for one in equal:
            automatic, right = automatic + 1, right + one.is_right
        if right >= PRECISION * automatic:
            threshold = score
    return threshold


# ---- pairs -----------------------------------------------------------------------------------------------------------------


def plain_pair_rates(pairs: Iterable[Pair], scorer: Scorer) -> list[PairRates]:
    """At the usual threshold, and at the lowest one above every pair that is not the same."""
    sides = [(pair.label == "same", *both) for pair in pairs for both in both_ways(pair)]
    scored = [(is_same, scorer(whole_text(line), whole_text(item))) for is_same, line, item in sides]
    same = sum(is_same for is_same, _ in scored)
    highest = max((score for is_same, score in scored if not is_same), default=0.0)
    above = min((score for is_same, score in scored if is_same and score > highest), default=None)
    counts = [
        (threshold, [is_same for is_same, score in scored if threshold is not None and score >= threshold])
        for threshold in (USUAL, above)
    ]
    return [
        PairRates(scorer.__name__, threshold, same, len(scored) - same, some.count(True), some.count(False))
        for threshold, some in counts
    ]


def both_ways(pair: Pair) -> tuple[tuple[Text, Text], tuple[Text, Text]]:
    """Which of the two is the line must make no difference."""
    return (pair.left, pair.right), (pair.right, pair.left)


def whole_text(text: Text) -> str:
    return default_process(f"{text.text} {text.pack}")

"""How often the matcher is right: every line of a set asked of its catalog, with its items there and with them taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias
from uuid import UUID, uuid5

from benchmarks.matching_catalog import FILL, LINES, POLICY, Catalog, Connection, fill, invoice_of, item_row
from benchmarks.matching_scorers import PairRates, both_ways
from benchmarks.matching_sets import MatchingSet, Pair, Query, Text
from benchmarks.progress import shown
from invoicedb.domain.matching import CANDIDATES, MatchMethod
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.domain.reading import read
from invoicedb.errors import LineError
from invoicedb.ids import uuid7
from invoicedb.models import Line
from invoicedb.operations.ingest.look_up import Snapshot
from invoicedb.operations.ingest.plan import plan_line

TENANTS = UUID("7d3b7f52-6c1a-4f0e-8e55-0a9f5a2f6c11")
AUTO, REVIEW = MatchMethod.FUZZY_AUTO, MatchMethod.FUZZY_REVIEW
OURS = "invoicedb"

Method: TypeAlias = MatchMethod | Literal["failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What ingest makes of a line. `item` is None where it makes a new one, or the line fails."""

    method: Method
    item: str | None
    reasons: tuple[str, ...]
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A line, the items that would be right, and the answer. `reads_alike`: nothing in the texts tells line and match apart."""

    line: Text
    true: frozenset[str]
    answer: Answer
    reads_alike: bool

    @property
    def is_right(self) -> bool:
        return self.answer.item in self.true

    @property
    def is_wrong_automatic(self) -> bool:
        return self.answer.method == AUTO and not self.is_right


@dataclass(frozen=True, slots=True)
class Answers:
    """`present`: with the whole catalog; `absent`: with the line's items taken out of it; `own`: the items' names, likewise."""

    name: str
    items: int
    present: tuple[Asked, ...]
    absent: tuple[Asked, ...]
    own: tuple[Asked, ...]


# ---- asking ----------------------------------------------------------------------------------------------------------------


def catalogs_of(connection: Connection, sets: Sequence[MatchingSet]) -> list[Catalog]:
    """A tenant for each set, filled."""
    catalogs = [Catalog(connection, uuid5(TENANTS, each.name), each.catalog) for each in sets]
    for catalog in catalogs:
        fill(connection, catalog.rows())
    connection.execute(FILL["vacuum_analyze"])
    return catalogs


def answers_to(catalog: Catalog, each: MatchingSet) -> Answers:
    queries, own = each.queries, [Query(item, frozenset({item.id})) for item in each.catalog]
    return Answers(
        each.name,
        len(each.catalog),
        present=tuple(ask_all(catalog, shown(queries, f"{each.name}: present", len(queries)))),
        absent=tuple(ask_without(catalog, shown(queries, f"{each.name}: absent", len(queries)))),
        own=tuple(ask_without(catalog, shown(own, f"{each.name}: own absent", len(own)))),
    )


def ask_all(catalog: Catalog, queries: Iterable[Query]) -> Iterator[Asked]:
    waiting = iter(queries)
    while some := list(islice(waiting, LINES)):
        yield from ask(catalog, some)


def ask_without(catalog: Catalog, queries: Iterable[Query]) -> Iterator[Asked]:
    for query in queries:
        with catalog.without(query.true):
            yield from ask(catalog, [Query(query.line, frozenset())])


def ask(catalog: Catalog, queries: Sequence[Query]) -> list[Asked]:
    """All on one invoice, but each decided as if it were alone: none sees what another one creates."""
    invoice = invoice_of(catalog.user_id, [query.line for query in queries])
    snapshot = catalog.look_up(invoice)
    answers = [
        answer_to(catalog, line, snapshot) if isinstance(line, Line) else Answer("failed", None, (line.error,))
        for line in invoice.lines
    ]
    return [
        Asked(query.line, query.true, answer, reads_alike(catalog, query.line, answer))
        for query, answer in zip(queries, answers, strict=True)
    ]


def answer_to(catalog: Catalog, line: Line, snapshot: Snapshot) -> Answer:
    found = [row.item_id for row in snapshot.candidates if row.hits and row.line_number == line.line_number]
    candidates = tuple(catalog.items[item_id].id for item_id in found)
    try:
        [mapping] = plan_line(line, snapshot, policy=POLICY, new_id=lambda _: uuid7()).mappings
    except LineError as error:
        return Answer("failed", None, (str(error),), candidates)
    item = catalog.items.get(mapping.item_id)
    return Answer(mapping.method, item.id if item else None, mapping.reasons, candidates)


def reads_alike(catalog: Catalog, line: Text, answer: Answer) -> bool:
    if answer.item is None:
        return False
    item = catalog.items[catalog.ids[answer.item]]
    return read(line.text).key == read(item.text).key


# ---- counting --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts, from which every share follows. `..._alike`: of the wrong automatic matches, those that read alike.

    `caught`: right by an automatic match or in review; `found`: a right item is among the candidates.
    """

    items: int
    queries: int
    automatic: int
    wrong: int
    wrong_alike: int
    caught: int
    review: int
    failed: int
    found: int
    absent_automatic: int
    absent_alike: int
    absent_review: int
    own_automatic: int
    own_alike: int
    own_review: int

    @property
    def precision(self) -> float | None:
        return 1 - self.wrong / self.automatic if self.automatic else None

    @property
    def coverage(self) -> float:
        return (self.automatic - self.wrong) / self.queries


def rates_of(answers: Answers) -> Rates:
    present = answers.present
    methods, absent, own = (Counter(each.answer.method for each in some) for some in (present, answers.absent, answers.own))
    return Rates(
        items=answers.items,
        queries=len(present),
        automatic=methods[AUTO],
        wrong=sum(each.is_wrong_automatic for each in present),
        wrong_alike=alike(present),
        caught=sum(each.is_right for each in present),
        review=methods[REVIEW],
        failed=methods["failed"],
        found=sum(not each.true.isdisjoint(each.answer.candidates[:CANDIDATES]) for each in present),
        absent_automatic=absent[AUTO],
        absent_alike=alike(answers.absent),
        absent_review=absent[REVIEW],
        own_automatic=own[AUTO],
        own_alike=alike(answers.own),
        own_review=own[REVIEW],
    )


def alike(some: Iterable[Asked]) -> int:
    return sum(each.is_wrong_automatic and each.reads_alike for each in some)


# ---- pairs -----------------------------------------------------------------------------------------------------------------


def pair_rates(connection: Connection, pairs: Sequence[Pair]) -> PairRates:
    """Each pair both ways: one text is the line, the other one the only item of a tenant of its own."""
    asked = [(pair.label, *sides) for pair in pairs for sides in both_ways(pair)]
    methods = [(label, method_of(connection, number, line, item)) for number, (label, line, item) in enumerate(asked)]
    counted = Counter((label == "same", method) for label, method in methods)
    same = sum(label == "same" for label, _ in methods)
    return PairRates(
        OURS,
        None,
        same,
        len(methods) - same,
        same_automatic=counted[True, AUTO],
        other_automatic=counted[False, AUTO],
        same_review=counted[True, REVIEW],
        other_review=counted[False, REVIEW],
    )


def method_of(connection: Connection, number: int, line: Text, item: Text) -> Method:
    catalog = Catalog(connection, uuid5(TENANTS, f"pair {number}"), [item])
    fill(connection, [item_row(catalog.user_id, 1, item, unit_of(line))])
    [asked] = ask(catalog, [Query(line, frozenset({item.id}))])
    return asked.answer.method


def unit_of(text: Text) -> str | None:
    """Of an item without a pack size: what the other text of the pair is measured in."""
    return read_pack_size(text.pack).base_unit if text.pack else None

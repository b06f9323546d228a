"""What to book, decided purely: a snapshot goes in, a plan comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from invoicedb.domain.match_keys import KeyIndex, alias_keys, best_candidates, description_keys
from invoicedb.domain.matching import Candidate, Decision, MatchMethod, decide, may_mean
from invoicedb.domain.pack_size import PackSize, read_pack_size
from invoicedb.domain.reading import Reading, numbered, read
from invoicedb.errors import InvoiceWarning, LineError, NoMatchingItem, SimilarItem
from invoicedb.models import FailedLine, Line, Policy
from invoicedb.operations.ingest.known import Known, Match, are_other_goods, known_as, match_of_siblings
from invoicedb.operations.ingest.look_up import CandidateRow, MappingRow, Snapshot
from invoicedb.operations.ingest.packs import can_hold, ounces_taken, pack_in
from invoicedb.operations.ingest.rules import Rules

NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class NewItem:
    id: UUID
    name: str
    category: str | None
    base_unit: str


@dataclass(frozen=True, slots=True)
class NewMapping:
    """A decision to remember. `reading` is the description that it was made for, `reasons` why, the runner-up the next best."""

    line_number: int
    item_key: str
    pack_key: str
    item_id: UUID
    base_quantity: Decimal
    item_number: str | None
    description: str
    pack_size: str | None
    reading: str
    method: MatchMethod
    score: Decimal | None
    reasons: tuple[str, ...]
    runner_up_item_id: UUID | None
    runner_up_score: Decimal | None

    @property
    def review_state(self) -> str:
        return "pending" if self.method is MatchMethod.FUZZY_REVIEW else "none"


@dataclass(slots=True)
class NewReadings:
    """Further descriptions of a known mapping: `accepted` fit what it stands for, `pending` wait for a person."""

    accepted: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a second flight writes before it books: nothing, where every line is known or failed."""

    lines: tuple[Line | FailedLine, ...]
    items: tuple[NewItem, ...] = ()
    mappings: tuple[NewMapping, ...] = ()
    readings: Mapping[tuple[str, str], NewReadings] = field(default_factory=dict)
    match_keys: Mapping[UUID, tuple[int, ...]] = field(default_factory=dict)
    warnings: tuple[InvoiceWarning, ...] = ()

    @property
    def changes_catalog(self) -> bool:
        return bool(self.mappings or self.readings)


def plan_lines(
    lines: Iterable[Line | FailedLine], snapshot: Snapshot, *, policy: Policy, new_id: Callable[[str], UUID]
) -> Plan:
    """The plan for `lines`, in their order, because a line may match an item that an earlier one creates.

    A line that can't be planned becomes a failed line. `new_id` is asked for `item N`, N the line's number.
    """
    draft = Draft.of(snapshot, policy, new_id)
    return draft.planned(tuple(draft.plan(line) for line in lines))


def plan_line(line: Line, snapshot: Snapshot, *, policy: Policy, new_id: Callable[[str], UUID]) -> Plan:
    """The plan for one line without an accepted mapping. Raises LineError where it can't be planned."""
    draft = Draft.of(snapshot, policy, new_id)
    draft.decide(line)
    return draft.planned((line,))


@dataclass(slots=True)
class Facts:
    """What is known of an item: by the look-ups, and by what each line adds."""

    name: str
    base_unit: str
    conversions: Mapping[str, str]
    descriptions: list[str]
    packs: list[str]
    numbers: list[str]

    @classmethod
    def of(cls, row: CandidateRow) -> Facts:
        return cls(row.name, row.base_unit, row.conversions, [*row.descriptions], [*row.packs], [*row.numbers])

    def candidate(self, item_id: UUID, hits: int, line: Line) -> Candidate:
        names, packs = tuple(self.descriptions), tuple(self.packs)
        return Candidate(item_id, hits, self.name, self.base_unit, names, packs, self.other_number(line))

    def other_number(self, line: Line) -> str:
        """One by which the line's vendor sells the item, where the line's is another. Capitals make no difference."""
        if line.item_number is None or line.item_key.casefold() in map(str.casefold, self.numbers):
            return ""
        return min(self.numbers, default="").removeprefix("n:")


@dataclass(slots=True)
class Draft:
    """A plan in the making. What an earlier line decided is known to the later ones.

    `facts` are of the items that a line has come near to; of the others there is their row.
    """

    rules: Rules
    new_id: Callable[[str], UUID]
    unmapped: frozenset[int]
    found: Mapping[int, list[CandidateRow]]
    rows: Mapping[UUID, CandidateRow]
    known: dict[str, dict[str, Known]]
    facts: dict[UUID, Facts] = field(default_factory=dict)
    created: KeyIndex = field(default_factory=KeyIndex)
    items: list[NewItem] = field(default_factory=list)
    mappings: list[NewMapping] = field(default_factory=list)
    readings: dict[tuple[str, str], NewReadings] = field(default_factory=dict)
    match_keys: dict[UUID, tuple[int, ...]] = field(default_factory=dict)
    warnings: list[InvoiceWarning] = field(default_factory=list)

    @classmethod
    def of(cls, snapshot: Snapshot, policy: Policy, new_id: Callable[[str], UUID]) -> Draft:
        rows = {row.item_id: row for row in snapshot.candidates}
        found: dict[int, list[CandidateRow]] = {}
        for row in snapshot.candidates:
            if row.hits:
                found.setdefault(row.line_number, []).append(row)
        known: dict[str, dict[str, Known]] = {}
        for mapping in snapshot.mappings:
            known.setdefault(mapping.item_key, {})[mapping.pack_key] = known_of(mapping)
        return cls(Rules.of(policy, snapshot.rules), new_id, snapshot.unmapped, found, rows, known)

    def planned(self, lines: tuple[Line | FailedLine, ...]) -> Plan:
        return Plan(lines, tuple(self.items), tuple(self.mappings), self.readings, self.match_keys, tuple(self.warnings))

    def plan(self, line: Line | FailedLine) -> Line | FailedLine:
        if isinstance(line, FailedLine) or line.line_number not in self.unmapped:
            return line
        try:
            self.decide(line)
        except LineError as error:
            return FailedLine.of(line, error)
        return line

    def decide(self, line: Line) -> None:
        packs = self.known.setdefault(line.item_key, {})
        known = packs.get(line.pack_key)
        if known is not None and known.is_standing:
            self.hear(line, known)
            return
        wrong = set() if known is None else known.rejected_items
        siblings = [packs[key] for key in sorted(packs) if packs[key].is_standing and packs[key].item_id not in wrong]
        refused = wrong.union(*(each.rejected_items for each in packs.values()))
        if siblings and not are_other_goods(line, siblings, self.rules):
            match = match_of_siblings(line, siblings, self.rules)
        else:
            match = self.match_of_candidates(line, refused.union(each.item_id for each in siblings))
            reasons = (*(known_as(each) for each in siblings[:1]), *match.reasons)
            match = replace(match, reasons=reasons)
        self.remember(line, match, known)

    def hear(self, line: Line, known: Known) -> None:
        """A description of a known key that was not heard before: it fits, or a person looks at it."""
        if known.has_heard(line.reading):
            return
        fitting = known.fits(line, self.rules) and not self.rules.review_everything
        new = self.readings.setdefault((line.item_key, line.pack_key), NewReadings())
        (new.accepted if fitting else new.pending).append(line.reading)
        (known.accepted if fitting else known.pending).append(line.reading)
        if fitting and known.review_state != "pending":
            self.alias(known.item_id, line)

    def match_of_candidates(self, line: Line, refused: Set[UUID]) -> Match:
        pack = None if line.pack_size is None else read_pack_size(line.pack_size)
        reading = numbered(read(line.description, line.pack_size, self.rules.dictionary), line.item_number)
        found = [each for each in self.candidates(line, reading) if each.item_id not in refused]
        decision = self.rules.reviewed(self.compare(reading, pack, [each for each in found if self.holds(each, pack)]))
        if decision.item_id is None:
            made = self.create(line, pack, decision)
            self.warn_of_similar(line, reading, decision, [each for each in found if not self.holds(each, pack)])
            return made
        item = self.facts[decision.item_id]
        quantity = pack_in(pack, item.base_unit, item.conversions)
        reasons = (*decision.reasons, *ounces_taken(pack, item.base_unit, item.conversions))
        return Match(
            decision.item_id,
            item.base_unit,
            item.conversions,
            quantity,
            decision.method,
            decision.score,
            reasons,
            decision.runner_up,
            decision.runner_up_score,
        )

    def candidates(self, line: Line, reading: Reading) -> list[Candidate]:
        """Of the items that share most keys with the line, those that a decision has a use for."""
        rows = self.found.get(line.line_number, ())
        created = self.created.candidates(description_keys(line.description))
        ranked: Sequence[Candidate | CandidateRow] = rows
        if created:
            ranked = best_candidates([Candidate(row.item_id, row.hits, row.name, row.base_unit) for row in rows], created)
        near = [each for each in ranked if self.may_be(each.item_id, reading)]
        return [self.facts_of(each.item_id).candidate(each.item_id, each.hits, line) for each in near]

    def may_be(self, item_id: UUID, reading: Reading) -> bool:
        item = self.facts.get(item_id) or self.rows[item_id]
        return may_mean(reading, (item.name, *item.descriptions), self.rules.thresholds, self.rules.dictionary)

    def facts_of(self, item_id: UUID) -> Facts:
        facts = self.facts.get(item_id)
        if facts is None:
            facts = self.facts[item_id] = Facts.of(self.rows[item_id])
        return facts

    def facts_if_any(self, item_id: UUID) -> Facts | None:
        """Of an item that was merged into another there are none."""
        return self.facts_of(item_id) if item_id in self.facts or item_id in self.rows else None

    def holds(self, candidate: Candidate, pack: PackSize | None) -> bool:
        """Whether a pack can be told in the item's unit: an item in another dimension is another item."""
        item = self.facts[candidate.item_id]
        return can_hold(pack, item.base_unit, item.conversions)

    def compare(self, reading: Reading, pack: PackSize | None, candidates: Sequence[Candidate]) -> Decision:
        base_unit = None if pack is None else pack.base_unit
        return decide(reading, base_unit, candidates, self.rules.thresholds, self.rules.dictionary)

    def create(self, line: Line, pack: PackSize | None, decision: Decision) -> Match:
        if line.quantity < 0:
            raise NoMatchingItem(reasons=(*decision.reasons, "what goes back was bought before"))
        if self.rules.never_create:
            raise NoMatchingItem(reasons=decision.reasons)
        base_unit = "each" if pack is None else pack.base_unit
        name = (line.description or f"Item {line.item_number}")[:NAME_LENGTH]
        item = NewItem(self.new_id(f"item {line.line_number}"), name, line.category, base_unit)
        self.items.append(item)
        self.facts[item.id] = Facts(name, base_unit, {}, [], [], [])
        reasons = (*decision.reasons, *ounces_taken(pack, base_unit, {}))
        return Match(item.id, base_unit, {}, pack_in(pack, base_unit, {}), MatchMethod.NEW, None, reasons)

    def warn_of_similar(self, line: Line, reading: Reading, decision: Decision, in_other_units: Sequence[Candidate]) -> None:
        """Where a new item stands beside one with nearly its name, in whatever unit that is kept."""
        elsewhere = self.compare(reading, None, in_other_units)
        similar = decision.similar or elsewhere.item_id or elsewhere.similar
        if similar is not None:
            self.warnings.append(SimilarItem(line_number=line.line_number, item_id=similar, name=self.facts[similar].name))

    def remember(self, line: Line, match: Match, rejected: Known | None) -> None:
        made = NewMapping(
            line_number=line.line_number,
            item_key=line.item_key,
            pack_key=line.pack_key,
            item_id=match.item_id,
            base_quantity=match.base_quantity,
            item_number=line.item_number,
            description=line.description,
            pack_size=line.pack_size,
            reading=line.reading,
            method=match.method,
            score=match.score,
            reasons=match.reasons,
            runner_up_item_id=match.runner_up_item_id,
            runner_up_score=match.runner_up_score,
        )
        self.mappings.append(made)
        self.known[line.item_key][line.pack_key] = Known.made_by(made.review_state, line, match)
        item = self.facts_if_any(match.item_id)
        if item is not None and line.item_number is not None:
            item.numbers.append(line.item_key)
        if match.method is not MatchMethod.FUZZY_REVIEW:
            self.alias(match.item_id, line)
            if item is not None and line.pack_size is not None:
                item.packs.append(line.pack_size)

    def alias(self, item_id: UUID, line: Line) -> None:
        """A description now speaks for an item: for the lines after it, and in the database for ever."""
        keys = alias_keys(line.description, self.rules.dictionary)
        if keys:
            self.match_keys[item_id] = tuple(sorted({*self.match_keys.get(item_id, ()), *keys}))
        item = self.facts_if_any(item_id)
        if item is not None and line.reading:
            item.descriptions.append(line.reading)
            self.created.add(item_id, keys, name=item.name, base_unit=item.base_unit)


def known_of(row: MappingRow) -> Known:
    return Known(
        item_id=row.item_id,
        base_unit=row.base_unit,
        conversions=row.conversions,
        base_quantity=row.base_quantity,
        pack_size=row.pack_size,
        accepted=list(row.accepted),
        pending=list(row.pending),
        review_state=row.review_state,
        rejected_item_ids=row.rejected_item_ids,
    )

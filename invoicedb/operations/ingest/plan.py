"""What to book, decided purely: a snapshot goes in, a plan comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from invoicedb.domain.match_keys import KeyIndex, best_candidates, match_keys
from invoicedb.domain.matching import Candidate, MatchMethod, Thresholds, decide
from invoicedb.domain.pack_size import PackSize, read_pack_size
from invoicedb.domain.reading import Reading, read
from invoicedb.errors import LineError
from invoicedb.models import FailedLine, Line, Policy
from invoicedb.operations.ingest.known import Known, Match, match_of_siblings, pack_in
from invoicedb.operations.ingest.look_up import CandidateRow, MappingRow, Snapshot

NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class NewItem:
    id: UUID
    name: str
    category: str | None
    base_unit: str


@dataclass(frozen=True, slots=True)
class NewMapping:
    """A decision to remember. `reading` is the description that it was made for, `reasons` why."""

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
class Draft:
    """A plan in the making. What an earlier line decided is known to the later ones."""

    policy: Policy
    new_id: Callable[[str], UUID]
    unmapped: frozenset[int]
    found: Mapping[int, list[CandidateRow]]
    known: dict[str, dict[str, Known]]
    created: KeyIndex = field(default_factory=KeyIndex)
    items: list[NewItem] = field(default_factory=list)
    mappings: list[NewMapping] = field(default_factory=list)
    readings: dict[tuple[str, str], NewReadings] = field(default_factory=dict)
    match_keys: dict[UUID, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot, policy: Policy, new_id: Callable[[str], UUID]) -> Draft:
        found: dict[int, list[CandidateRow]] = {}
        for candidate in snapshot.candidates:
            found.setdefault(candidate.line_number, []).append(candidate)
        known: dict[str, dict[str, Known]] = {}
        for row in snapshot.mappings:
            known.setdefault(row.item_key, {})[row.pack_key] = known_of(row)
        return cls(policy, new_id, snapshot.unmapped, found, known)

    def planned(self, lines: tuple[Line | FailedLine, ...]) -> Plan:
        return Plan(lines, tuple(self.items), tuple(self.mappings), self.readings, self.match_keys)

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
        siblings = [packs[pack_key] for pack_key in sorted(packs) if packs[pack_key].is_standing]
        match = match_of_siblings(line, siblings) if siblings else self.match_of_candidates(line, known)
        self.remember(line, match, known)

    def hear(self, line: Line, known: Known) -> None:
        """A description of a known key that was not heard before: it fits, or a person looks at it."""
        if known.has_heard(line.reading):
            return
        fitting = known.fits(line)
        new = self.readings.setdefault((line.item_key, line.pack_key), NewReadings())
        (new.accepted if fitting else new.pending).append(line.reading)
        (known.accepted if fitting else known.pending).append(line.reading)
        if fitting and known.review_state != "pending":
            self.alias(known.item_id, read(line.description, line.pack_size), line, known.base_unit)

    def match_of_candidates(self, line: Line, rejected: Known | None) -> Match:
        pack = None if line.pack_size is None else read_pack_size(line.pack_size)
        reading = read(line.description, line.pack_size)
        refused = set() if rejected is None else {rejected.item_id, *rejected.rejected_item_ids}
        rows = {row.item_id: row for row in self.found.get(line.line_number, ())}
        candidates = [
            candidate
            for candidate in best_candidates(map(candidate_of, rows.values()), self.created.candidates(match_keys(reading)))
            if candidate.item_id not in refused and comparable(pack, candidate.base_unit, rows.get(candidate.item_id))
        ]
        decision = decide(reading, None if pack is None else pack.base_unit, candidates, thresholds_of(self.policy))
        if decision.item_id is None:
            return self.create(line, pack, reading, decision.reasons)
        base_unit = next(each.base_unit for each in candidates if each.item_id == decision.item_id)
        conversions = rows[decision.item_id].conversions if decision.item_id in rows else {}
        quantity = pack_in(pack, base_unit, conversions)
        return Match(decision.item_id, base_unit, conversions, quantity, decision.method, decision.score, decision.reasons)

    def create(self, line: Line, pack: PackSize | None, reading: Reading, reasons: tuple[str, ...]) -> Match:
        base_unit = "each" if pack is None else pack.base_unit
        name = (line.description or f"Item {line.item_number}")[:NAME_LENGTH]
        item = NewItem(self.new_id(f"item {line.line_number}"), name, line.category, base_unit)
        self.items.append(item)
        return Match(item.id, base_unit, {}, pack_in(pack, base_unit, {}), MatchMethod.NEW, None, reasons)

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
        )
        self.mappings.append(made)
        self.known[line.item_key][line.pack_key] = Known.made_by(made.review_state, line, match)
        if match.method is not MatchMethod.FUZZY_REVIEW:
            self.alias(match.item_id, read(line.description, line.pack_size), line, match.base_unit)

    def alias(self, item_id: UUID, reading: Reading, line: Line, base_unit: str) -> None:
        """A description now speaks for an item: for the lines after it, and in the database for ever."""
        keys = match_keys(reading)
        if not keys:
            return
        self.match_keys[item_id] = tuple(sorted({*self.match_keys.get(item_id, ()), *keys}))
        packs = () if line.pack_size is None else (line.pack_size,)
        self.created.add(item_id, keys, name=line.description, base_unit=base_unit, aliases=(line.reading,), packs=packs)


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


def candidate_of(row: CandidateRow) -> Candidate:
    return Candidate(row.item_id, row.hits, row.name, row.base_unit, tuple(row.descriptions), tuple(row.packs))


def comparable(pack: PackSize | None, base_unit: str, row: CandidateRow | None) -> bool:
    """Whether the line's quantity can be told in the candidate's unit: an item in another dimension is another item."""
    unit = "each" if pack is None else pack.base_unit
    return unit == base_unit or (row is not None and unit in row.conversions)


def thresholds_of(policy: Policy) -> Thresholds:
    return Thresholds(automatic=float(policy.fuzzy_auto), review=float(policy.fuzzy_review))

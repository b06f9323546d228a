"""What one line is, by its mapping or by the plan for it alone, and what the catalog learns from that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from psycopg.types.json import Jsonb

from invoicedb.domain.match_keys import match_keys
from invoicedb.domain.reading import read
from invoicedb.errors import InvoiceWarning
from invoicedb.models import Abbreviation, Line, MatchingPolicy, Policy
from invoicedb.operations.ingest.known import NOT_ACCEPTED
from invoicedb.operations.ingest.look_up import CandidateRow, MappingRow, Snapshot
from invoicedb.operations.ingest.plan import NewMapping, Plan, plan_line
from invoicedb.operations.ingest.rules import TenantRules
from invoicedb.sequential.statements import Ask, values_of


@dataclass(frozen=True, slots=True)
class Mapped:
    """The item that a line is, and what one pack of the line holds of it."""

    item_id: UUID
    base_quantity: Decimal
    match_method: str
    match_score: Decimal | None = None
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StoredMapping:
    """The mapping of one item key and pack, as it is in the database."""

    item_id: UUID
    base_quantity: Decimal
    review_state: str
    reasons: list[str]
    accepted: list[str]
    pending: list[str]

    def knows(self, line: Line) -> bool:
        return self.review_state != "rejected" and line.reading in ("", *self.accepted, *self.pending)

    def for_line(self, line: Line) -> Mapped:
        if self.review_state == "pending":
            return Mapped(self.item_id, self.base_quantity, "fuzzy_review", None, self.reasons)
        if line.reading in self.pending:
            return Mapped(self.item_id, self.base_quantity, "fuzzy_review", None, [NOT_ACCEPTED])
        return Mapped(self.item_id, self.base_quantity, "exact")


@dataclass(frozen=True, slots=True)
class OfItem:
    """A mapping of an item, by whichever vendor. `is_ours`: by the invoice's."""

    accepted: list[str]
    pack_size: str | None
    item_key: str
    is_pending: bool
    is_ours: bool


@dataclass(slots=True)
class Catalog:
    """Items and mappings, as one line after the other finds and leaves them. `is_raised`: its version, by this invoice."""

    ask: Ask
    policy: Policy
    new_id: Callable[[str], UUID]
    is_raised: bool = False
    warnings: list[InvoiceWarning] = field(default_factory=list)

    def mapped(self, line: Line) -> Mapped:
        """By its mapping; where that does not know the line, by the plan for it. Raises LineError, with nothing written."""
        for row in self.ask("mapping", **values_of(line)):
            stored = StoredMapping(*row)
            if stored.knows(line):
                return stored.for_line(line)
        plan = plan_line(line, self.snapshot(line), policy=self.policy, new_id=self.new_id)
        self.learn(plan)
        self.warnings += plan.warnings
        for made in plan.mappings:
            return Mapped(made.item_id, made.base_quantity, made.method.value, made.score, made.reasons)
        return self.mapped(line)  # its mapping has learnt of it

    def snapshot(self, line: Line) -> Snapshot:
        rows = self.ask("mappings_of_key", item_key=line.item_key, pack_key=line.pack_key)
        mappings = tuple(MappingRow(line.line_number, *row) for row in rows)
        return Snapshot(0, frozenset({line.line_number}), (), (), mappings, tuple(self.candidates(line)), self.rules())

    def rules(self) -> TenantRules:
        abbreviations = [Abbreviation(*row) for row in self.ask("abbreviations")]
        policy = next((MatchingPolicy(*row) for row in self.ask("rules")), MatchingPolicy())
        return TenantRules.of(policy, abbreviations)

    def candidates(self, line: Line) -> Iterator[CandidateRow]:
        keys = match_keys(read(line.description, line.pack_size))
        for item_id, hits in self.ask("candidates", match_keys=list(keys)):
            rows = [OfItem(*row) for row in self.ask("mappings_of_item", item_id=item_id)]
            decided = [row for row in rows if not row.is_pending]
            descriptions = sorted({reading for row in decided for reading in row.accepted if reading})
            packs = sorted({row.pack_size for row in decided if row.pack_size is not None})
            numbers = sorted({row.item_key for row in rows if row.is_ours and row.item_key.startswith("n:")})
            for name, base_unit, conversions in self.ask("item", item_id=item_id):
                yield CandidateRow(line.line_number, item_id, hits, name, base_unit, conversions, descriptions, packs, numbers)

    def learn(self, plan: Plan) -> None:
        """Writes the plan's new rows. An invoice raises the catalog's version once."""
        if plan.changes_catalog and not self.is_raised:
            self.ask("raise_catalog")
            self.is_raised = True
        for item in plan.items:
            self.ask("add_item", item_id=item.id, **values_of(item))
        for made in plan.mappings:
            self.add_mapping(made)
        for (item_key, pack_key), new in plan.readings.items():
            self.ask("add_readings", item_key=item_key, pack_key=pack_key, **values_of(new))
        for item_id, keys in plan.match_keys.items():
            self.ask("add_match_keys", item_id=item_id, match_keys=list(keys))

    def add_mapping(self, made: NewMapping) -> None:
        """A rejected mapping of the same key gives way, and is remembered as rejected."""
        dropped = self.ask("drop_rejected_mapping", item_key=made.item_key, pack_key=made.pack_key)
        rejected = [item_id for (item_ids,) in dropped for item_id in item_ids]
        decided = {"match_method": made.method.value, "match_score": made.score, "match_reasons": Jsonb(list(made.reasons))}
        self.ask("add_mapping", **values_of(made), **decided, review_state=made.review_state, rejected_item_ids=rejected)

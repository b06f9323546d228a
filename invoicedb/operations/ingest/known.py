"""What the catalog knows of a vendor's item, and what that says about a line with another pack or another description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from invoicedb.domain.matching import MatchMethod, fits
from invoicedb.domain.pack_size import PackSize, read_pack_size
from invoicedb.domain.reading import numbered, read
from invoicedb.errors import LineError
from invoicedb.models import Line
from invoicedb.operations.ingest.packs import can_hold, in_unit_of_item, pack_in, taken_by
from invoicedb.operations.ingest.rules import EVERYTHING_REVIEWED, Rules

PENDING = "another pack of it waits for review"
NOT_ACCEPTED = "the description is not one accepted for this item number"


@dataclass(frozen=True, slots=True)
class Match:
    """The item that a line is, and what one pack of the line holds of it."""

    item_id: UUID
    base_unit: str
    conversions: Mapping[str, str]
    base_quantity: Decimal
    method: MatchMethod
    score: Decimal | None = None
    reasons: tuple[str, ...] = ()
    runner_up_item_id: UUID | None = None
    runner_up_score: Decimal | None = None


@dataclass(slots=True)
class Known:
    """A mapping as the plan sees it: from the snapshot, or made by an earlier line. Its readings grow with the lines."""

    item_id: UUID
    base_unit: str
    conversions: Mapping[str, str]
    base_quantity: Decimal
    pack_size: str | None
    accepted: list[str]
    pending: list[str] = field(default_factory=list)
    review_state: str = "none"
    rejected_item_ids: Sequence[UUID] = ()

    @classmethod
    def made_by(cls, review_state: str, line: Line, match: Match) -> Known:
        return cls(
            item_id=match.item_id,
            base_unit=match.base_unit,
            conversions=match.conversions,
            base_quantity=match.base_quantity,
            pack_size=line.pack_size,
            accepted=[line.reading],
            review_state=review_state,
        )

    @property
    def is_standing(self) -> bool:
        return self.review_state != "rejected"

    @property
    def rejected_items(self) -> set[UUID]:
        """The items that a person has said this pack is not."""
        return {*self.rejected_item_ids, *(() if self.is_standing else (self.item_id,))}

    @property
    def unit_size(self) -> Decimal | None:
        """Of the item's unit in one inner unit; where the pack size says nothing, what one pack holds."""
        try:
            return self.base_quantity if self.pack_size is None else self.unit_size_of(read_pack_size(self.pack_size))
        except LineError:
            return self.base_quantity

    def unit_size_of(self, pack: PackSize) -> Decimal | None:
        """The same of another pack of the item; None where it can't be told exactly."""
        taken = taken_by(pack, self.base_unit, self.conversions)
        return in_unit_of_item(taken.unit_size, taken.base_unit, self.base_unit, self.conversions)

    def has_unit_size_of(self, pack: PackSize) -> bool:
        size = self.unit_size_of(pack)
        return size is not None and size == self.unit_size

    def has_heard(self, reading: str) -> bool:
        return reading == "" or reading in self.accepted or reading in self.pending

    def fits(self, line: Line, rules: Rules) -> bool:
        """Whether the line's description says the same as one accepted for this mapping, as far as any was."""
        accepted = [read(text, None, rules.dictionary) for text in self.accepted if text]
        reading = numbered(read(line.description, None, rules.dictionary), line.item_number)
        return not accepted or fits(reading, accepted, rules.thresholds)


def are_other_goods(line: Line, siblings: Sequence[Known], rules: Rules) -> bool:
    """Whether the line has but its number in common with what that is known for: neither its words nor its unit fit."""
    if line.pack_size is None or is_described(line, siblings, rules):
        return False
    pack = read_pack_size(line.pack_size)
    return not any(can_hold(pack, sibling.base_unit, sibling.conversions) for sibling in siblings)


def is_described(line: Line, siblings: Sequence[Known], rules: Rules) -> bool:
    return any(sibling.has_heard(line.reading) or sibling.fits(line, rules) for sibling in siblings)


def known_as(sibling: Known) -> str:
    return f"the item number is known for {next(iter(sibling.accepted), '')!r}"


def match_of_siblings(line: Line, siblings: Sequence[Known], rules: Rules) -> Match:
    """The match of a line whose item key is known in other packs only. Raises LineError where its unit is another dimension's.

    Another case count of the same unit size is the same goods; another unit size, or a description that does not fit, is for a
    person to look at. Without a pack the line has that of its only sibling.
    """
    if line.pack_size is None:
        sibling, doubt = siblings[0], packs_in_doubt(siblings)
        quantity = sibling.base_quantity
    else:
        pack = read_pack_size(line.pack_size)
        sibling = next((each for each in siblings if each.has_unit_size_of(pack)), siblings[0])
        taken = taken_by(pack, sibling.base_unit, sibling.conversions)
        doubt = [] if sibling.has_unit_size_of(pack) else [f"known in another unit size than {taken.understood}"]
        quantity = pack_in(pack, sibling.base_unit, sibling.conversions)
    doubts = (
        *doubt,
        *([] if is_described(line, siblings, rules) else [NOT_ACCEPTED]),
        *([PENDING] if sibling.review_state == "pending" else []),
        *([EVERYTHING_REVIEWED] if rules.review_everything else []),
    )
    method = MatchMethod.FUZZY_REVIEW if doubts else MatchMethod.EXACT
    return Match(sibling.item_id, sibling.base_unit, sibling.conversions, quantity, method, None, doubts)


def packs_in_doubt(siblings: Sequence[Known]) -> list[str]:
    packs = {(sibling.item_id, sibling.base_quantity) for sibling in siblings}
    return [] if len(packs) == 1 else [f"no pack size, and {len(packs)} packs are known"]

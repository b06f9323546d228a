"""The look-ups of the first flight, and the snapshot that they make."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from struct import pack
from typing import Any
from uuid import UUID

from invoicedb.domain.match_keys import description_keys
from invoicedb.flights import Flight, Landing, Statement
from invoicedb.models import Abbreviation, FailedLine, Invoice, Line, MatchingPolicy, sent_as, sent_besides
from invoicedb.operations.call import Call, silent
from invoicedb.operations.ingest.rules import NO_RULES, TenantRules
from invoicedb.results import LineResult
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class Found:
    """The look-up's one row. `unmapped`: the numbers of the lines without an accepted mapping."""

    catalog_version: int
    unmapped: list[int] | None
    bet: str
    known: str
    not_echoed: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """What a lost bet needs to know: rows as JSON arrays, or None."""

    rules: list[Any] | None
    invoices: list[list[Any]] | None
    mappings: list[list[Any]] | None
    candidates: list[list[Any]] | None


@dataclass(frozen=True, slots=True)
class KnownInvoice:
    """An invoice that is there already, under this id or under this vendor's number."""

    id: UUID
    vendor_id: UUID
    vendor_key: str
    status: str
    invoice_number: str | None
    invoice_date: date
    currency: str | None
    posting_sequence: int | None
    sending: int
    generation: int
    content_hash: str
    is_voided: bool

    @classmethod
    def of_json(cls, row: Sequence[Any]) -> KnownInvoice:
        invoice_id, vendor_id, vendor_key, status, number, invoice_date, *rest = row
        return cls(UUID(invoice_id), UUID(vendor_id), vendor_key, status, number, date.fromisoformat(invoice_date), *rest)


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A mapping of an unmapped line's item key, in whatever pack, with its item."""

    line_number: int
    item_key: str
    pack_key: str
    item_id: UUID
    base_quantity: Decimal
    pack_size: str | None
    description: str
    accepted: list[str]
    pending: list[str]
    review_state: str
    rejected_item_ids: list[UUID]
    item_name: str
    base_unit: str
    conversions: Mapping[str, str]

    @classmethod
    def of_json(cls, row: Sequence[Any]) -> MappingRow:
        made = cls(*row)  # ids and numbers are text so far
        ids = [UUID(str(each)) for each in made.rejected_item_ids]
        return replace(made, item_id=UUID(str(made.item_id)), base_quantity=Decimal(made.base_quantity), rejected_item_ids=ids)


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """An item that shares match keys with an unmapped line. `numbers`: the item keys by which the line's vendor sells it."""

    line_number: int
    item_id: UUID
    hits: int
    name: str
    base_unit: str
    conversions: Mapping[str, str]
    descriptions: list[str]
    packs: list[str]
    numbers: list[str]

    @classmethod
    def of_json(cls, row: Sequence[Any]) -> CandidateRow:
        line_number, item_id, *rest = row
        return cls(line_number, UUID(item_id), *rest)


def rules_of_json(row: Sequence[Any] | None) -> TenantRules:
    if row is None:
        return NO_RULES
    fuzzy_auto, fuzzy_review, never_create, review_everything, abbreviations = row
    policy = MatchingPolicy(
        fuzzy_auto=None if fuzzy_auto is None else Decimal(fuzzy_auto),
        fuzzy_review=None if fuzzy_review is None else Decimal(fuzzy_review),
        never_create=never_create,
        review_everything=review_everything,
    )
    return TenantRules.of(policy, [Abbreviation(*each) for each in abbreviations])


LOOK_UP = Statement("look_up", SQL["look_up"], Found)
LOOK_UP_LOST = Statement("look_up_lost", SQL["look_up_lost"], Lost)
BOOKED_LINES = Statement("booked_lines", SQL["booked_lines"], LineResult.of_row)
ANSWER = Statement("answer", SQL["answer"], LineResult.of_row)
BET = silent("bet")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The look-ups' rows as a value: all that a plan is made from."""

    catalog_version: int
    unmapped: frozenset[int]
    invoices: tuple[KnownInvoice, ...]
    booked_lines: tuple[LineResult, ...]
    mappings: tuple[MappingRow, ...]
    candidates: tuple[CandidateRow, ...]
    rules: TenantRules = NO_RULES

    @classmethod
    def of(cls, landing: Landing) -> Snapshot:
        found = landing.rows(LOOK_UP)[0]
        lost = next(iter(landing.rows(LOOK_UP_LOST)), Lost(None, None, None, None))
        return cls(
            catalog_version=found.catalog_version,
            unmapped=frozenset(found.unmapped or ()),
            invoices=tuple(map(KnownInvoice.of_json, lost.invoices or ())),
            booked_lines=tuple(landing.rows(BOOKED_LINES)),
            mappings=tuple(map(MappingRow.of_json, lost.mappings or ())),
            candidates=tuple(map(CandidateRow.of_json, lost.candidates or ())),
            rules=rules_of_json(lost.rules),
        )


def look_ups(invoice: Invoice, call: Call) -> Flight:
    """What is known of the invoice, its vendor and its lines. Follows the settings, which hold the lines.

    The match keys, which take longest to make, are made while the server is busy with the first look-up. The booked lines come
    last: each statement sees the world anew, and lines may only be newer than the header that a plan is made from.
    """
    asked = {"user_id": call.user_id, "invoice_id": invoice.invoice_id, "vendor_key": invoice.vendor_key}
    first = {**asked, "number_key": invoice.number_key}
    calls = (
        (LOOK_UP, first),
        (LOOK_UP_LOST, lambda: {**asked, "match_keys": match_keys_json(invoice.item_lines)}),
        (BOOKED_LINES, asked),
    )
    return Flight(calls)


def lines_json(lines: Iterable[Line | FailedLine]) -> str:
    """Lines as the one parameter that they travel in: a JSON array of objects, numbers as text."""
    return json.dumps([row_of(line) for line in lines], separators=(",", ":"))


def row_of(line: Line | FailedLine) -> dict[str, Any]:
    if isinstance(line, FailedLine):
        return {
            "line_number": line.line_number,
            "item_number": line.item_number,
            "description": line.description,
            "pack_size": line.pack_size,
            "error_type": line.error_type,
            "error": line.error,
            "as_sent": json.loads(line.as_sent),
            **row_besides(line),
        }
    if not line.is_of_item:
        return {
            "line_number": line.line_number,
            "item_number": line.item_number,
            "description": line.description,
            "category": line.category,
            "quantity": f"{line.quantity:f}",
            "unit_price": f"{line.unit_price:f}",
            "line_total": f"{line.line_total:f}",
            "kind": line.kind,
        }
    return {
        "line_number": line.line_number,
        "item_number": line.item_number,
        "description": line.description,
        "pack_size": line.pack_size,
        "category": line.category,
        "quantity": f"{line.quantity:f}",
        "unit_price": f"{line.unit_price:f}",
        "line_total": f"{line.line_total:f}",
        "item_key": line.item_key,
        "pack_key": line.pack_key,
        "reading": line.reading,
        **row_besides(line),
    }


def row_besides(line: Line | FailedLine) -> dict[str, object]:
    """What few lines have. Without it a line is of kind item, and costs what it says."""
    besides = sent_besides(line)
    if line.share:
        besides["share"] = line.share
    return {name: sent_as(value) for name, value in besides.items()}


def match_keys_json(lines: Iterable[Line]) -> str:
    """The match keys of each line by its number: known or not, for the server decides which lines it needs them for."""
    return json.dumps({line.line_number: packed_keys(line.description) for line in lines}, separators=(",", ":"))


@lru_cache(maxsize=65_536)
def packed_keys(description: str) -> str | None:
    """The match keys as they travel. Remembered by text: an invoice's lines are mostly those of the invoices before it."""
    return packed(description_keys(description)) if description else None


def packed(keys: Sequence[int]) -> str:
    """Keys as base64 of big-endian int8: a quarter of the bytes that their digits take on the wire."""
    return b64encode(pack(f">{len(keys)}q", *keys)).decode("ascii")

"""The look-ups of the first flight, and the snapshot that they make."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from struct import pack
from typing import Any
from uuid import UUID

from invoicedb.domain.match_keys import match_keys
from invoicedb.domain.numbers import plain
from invoicedb.domain.reading import read
from invoicedb.flights import Flight, Landing, Statement, flight
from invoicedb.models import FailedLine, Invoice, Line, LineResult
from invoicedb.operations.call import Call, silent
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class Found:
    """What the first look-up says. `unmapped`: the numbers of the lines without an accepted mapping."""

    vendor_id: UUID | None
    catalog_version: int
    unmapped: list[int] | None
    not_echoed: bool
    known: str


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


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """An item that shares match keys with an unmapped line."""

    line_number: int
    item_id: UUID
    hits: int
    name: str
    base_unit: str
    conversions: Mapping[str, str]
    descriptions: list[str]
    packs: list[str]


LOOK_UP = Statement("look_up", SQL["look_up"], Found)
LOOK_UP_INVOICES = Statement("look_up_invoices", SQL["look_up_invoices"], KnownInvoice)
LOOK_UP_MAPPINGS = Statement("look_up_mappings", SQL["look_up_mappings"], MappingRow)
LOOK_UP_CANDIDATES = Statement("look_up_candidates", SQL["look_up_candidates"], CandidateRow)
BOOKED_LINES = Statement("booked_lines", SQL["booked_lines"], LineResult)
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

    @classmethod
    def of(cls, landing: Landing) -> Snapshot:
        found = landing.rows(LOOK_UP)[0]
        return cls(
            catalog_version=found.catalog_version,
            unmapped=frozenset(found.unmapped or ()),
            invoices=tuple(landing.rows(LOOK_UP_INVOICES)),
            booked_lines=tuple(landing.rows(BOOKED_LINES)),
            mappings=tuple(landing.rows(LOOK_UP_MAPPINGS)),
            candidates=tuple(landing.rows(LOOK_UP_CANDIDATES)),
        )


def look_ups(invoice: Invoice, call: Call) -> Flight:
    """What is known of the invoice, its vendor and its lines. Follows the settings, which hold the lines."""
    return flight(
        LOOK_UP,
        LOOK_UP_INVOICES,
        BOOKED_LINES,
        LOOK_UP_MAPPINGS,
        LOOK_UP_CANDIDATES,
        user_id=call.user_id,
        invoice_id=invoice.invoice_id,
        number_key=invoice.number_key,
        vendor_key=invoice.vendor_key,
    )


def lines_json(lines: Iterable[Line | FailedLine]) -> str:
    """Lines as the one parameter that they travel in: a JSON array of objects, numbers as text."""
    return json.dumps([row_of(line) for line in lines], separators=(",", ":"))


def keyed_lines_json(lines: Iterable[Line | FailedLine]) -> str:
    """The same with the match keys of each good line: the server decides which lines it needs them for."""
    return json.dumps([{**row_of(line), "keys": keys_of(line)} for line in lines], separators=(",", ":"))


def row_of(line: Line | FailedLine) -> dict[str, Any]:
    if isinstance(line, FailedLine):
        return {
            "line_number": line.line_number,
            "description": line.description,
            "error_type": line.error_type,
            "error": line.error,
            "as_sent": json.loads(line.as_sent),
        }
    return {
        "line_number": line.line_number,
        "item_number": line.item_number,
        "description": line.description,
        "pack_size": line.pack_size,
        "category": line.category,
        "quantity": plain(line.quantity),
        "unit_price": plain(line.unit_price),
        "line_total": plain(line.line_total),
        "item_key": line.item_key,
        "pack_key": line.pack_key,
        "reading": line.reading,
    }


def keys_of(line: Line | FailedLine) -> str | None:
    if isinstance(line, FailedLine) or not line.description:
        return None
    return packed(match_keys(read(line.description, line.pack_size)))


def packed(keys: Sequence[int]) -> str:
    """Keys as base64 of big-endian int8: a quarter of the bytes that their digits take on the wire."""
    return b64encode(pack(f">{len(keys)}q", *keys)).decode("ascii")

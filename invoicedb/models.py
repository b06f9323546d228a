"""What goes in: pydantic at the boundary, frozen slotted dataclasses inside.

Quantities, prices and money are `Decimal` throughout; dates have no time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from invoicedb.errors import ErrorType, InvoiceWarning, LineError

# ---- the document, as it comes in ----------------------------------------------------------------

Number: TypeAlias = Decimal | int | float | str | None
"""A quantity, price or total. A float is read by its shortest decimal text. What is no exact number fails its line."""


class InvoiceHeader(BaseModel):
    """The head of an invoice. `invoice_date` is a date or its text YYYY-MM-DD, `currency` an ISO 4217 code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor_name: str
    invoice_date: date | str
    invoice_number: str | None = None
    currency: str | None = None


class LineItem(BaseModel):
    """A line. `quantity` counts packs and may be fractional, `unit_price` is money per pack, `line_total` the line's money.

    `pack_size` is the paper's text (6/5 LB); `line_number` is the line's place, from 1, when left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    item_number: str | int | None = None
    description: str | None = None
    quantity: Number = None
    unit_price: Number = None
    line_total: Number = None
    pack_size: str | None = None
    category: str | None = None
    line_number: int | None = None


class InvoiceData(BaseModel):
    """An invoice as a typed value: what `process_invoice` takes instead of a dict or JSON text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    invoice: InvoiceHeader
    line_items: tuple[LineItem, ...]


# ---- the document, as it is booked ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be read. `item_key`, `pack_key` and `reading` are what its mapping is found by."""

    line_number: int
    item_number: str | None
    description: str
    pack_size: str | None
    category: str | None
    quantity: Decimal
    unit_price: Decimal
    line_total: Decimal
    item_key: str
    pack_key: str
    reading: str

    @property
    def as_sent(self) -> str:
        """The line as JSON text, numbers as text: what is kept of it if it fails after all."""
        sent = {name: getattr(self, name) for name in SENT_FIELDS}
        return json.dumps({name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in sent.items()})


SENT_FIELDS = ("line_number", "item_number", "description", "pack_size", "category", "quantity", "unit_price", "line_total")


@dataclass(frozen=True, slots=True)
class FailedLine:
    """A line that can't be booked, kept with its document. `as_sent` is the line as JSON text.

    Its texts are for a person to know it by, blank or None where there is no text.
    """

    line_number: int
    item_number: str | None
    description: str
    pack_size: str | None
    error_type: ErrorType
    error: str
    as_sent: str

    @classmethod
    def of(cls, line: Line, error: LineError) -> FailedLine:
        """The line, failed with `error` after it could be read."""
        texts = (line.item_number, line.description, line.pack_size)
        return cls(line.line_number, *texts, error.error_type, str(error), line.as_sent)


@dataclass(frozen=True, slots=True)
class Invoice:
    """A document whose head is sound. `number_key` is what makes its number unique; `generation` counts the voids before it."""

    user_id: UUID
    invoice_id: UUID
    has_own_id: bool
    vendor_name: str
    vendor_key: str
    invoice_number: str | None
    number_key: str | None
    invoice_date: date
    currency: str | None
    generation: int
    content_hash: str
    lines: tuple[Line | FailedLine, ...]
    warnings: tuple[InvoiceWarning, ...]

    @property
    def good_lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if isinstance(line, Line))


@dataclass(frozen=True, slots=True)
class Policy:
    """What a business decides once. `currency`: of invoices that name none (its minor unit rounds a line's money).

    `numbers_restart_yearly`: invoice numbers are unique per vendor and year, not per vendor.
    `fuzzy_auto`, `fuzzy_review`: how alike (0 to 1) a description must be to be matched without, or with, a look by a person.
    """

    currency: str | None = None
    numbers_restart_yearly: bool = False
    fuzzy_auto: Decimal = Decimal("0.90")
    fuzzy_review: Decimal = Decimal("0.62")


@dataclass(frozen=True, slots=True)
class MatchingPolicy:
    """What one tenant decides about matching, kept in the database: see `Database.set_matching_policy`.

    `fuzzy_auto`, `fuzzy_review`: the bars of `Policy`, 0 to 1; None leaves those of the database. `never_create`: a line that
    matches no item fails (`no_matching_item`) instead of creating one. `review_everything`: no match is booked without a person
    looking at it; what a person has decided stays `exact`.
    """

    fuzzy_auto: Decimal | None = None
    fuzzy_review: Decimal | None = None
    never_create: bool = False
    review_everything: bool = False


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """What a tenant's vendors write short, in capitals: KIDS stands for CHILDRENS."""

    abbreviation: str
    expansion: str

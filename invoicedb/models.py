"""What goes in: pydantic at the boundary, frozen slotted dataclasses inside.

Quantities, prices and money are `Decimal` throughout; dates have no time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from invoicedb.errors import ErrorType, InvoiceWarning, LineError

# ---- the document, as it comes in ----------------------------------------------------------------

Number: TypeAlias = Decimal | int | float | str | None
"""A quantity, price or total. A float is read by its shortest decimal text. What is no exact number fails its line."""


class DocumentCharge(BaseModel):
    """Money of the document as a whole. `kind` is freight, charge (the default) or deposit; an allowance has none."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    amount: Number
    description: str | None = None
    kind: str | None = None


class InvoiceHeader(BaseModel):
    """The head of a document. `invoice_date` is a date or its text YYYY-MM-DD, `currency` an ISO 4217 code.

    `document_type`: invoice, or credit_memo, which may name the invoice that it `corrects` by its number or by
    `corrects_id`. `charges`, `allowances` and `tax` are money of the whole document; `total` is what it says is to be paid.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor_name: str
    invoice_date: date | str
    invoice_number: str | None = None
    currency: str | None = None
    document_type: str = "invoice"
    corrects: str | None = None
    corrects_id: UUID | str | None = None
    charges: tuple[DocumentCharge, ...] = ()
    allowances: tuple[DocumentCharge, ...] = ()
    tax: Number = None
    total: Number = None


class LineItem(BaseModel):
    """A line. `quantity` counts packs and may be fractional, `unit_price` is money per pack, `line_total` the line's money.

    `pack_size` is the paper's text (6/5 LB); `line_number` is the line's place, from 1, when left out. `kind`: item (if left
    out), deposit, freight, charge, discount, tax; on a credit memo also price_correction and rebate. Goods billed by weight
    have a `weight` in `weight_unit`, of which one costs `unit_price`. A negative quantity went back.
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
    kind: str | None = None
    weight: Number = None
    weight_unit: str | None = None
    corrected_price: Number = None


class InvoiceData(BaseModel):
    """An invoice as a typed value: what `process_invoice` takes instead of a dict or JSON text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    invoice: InvoiceHeader
    line_items: tuple[LineItem, ...]


# ---- a catalog, as it comes in -------------------------------------------------------------------


class CatalogItem(BaseModel):
    """A row of a catalog: what `import_catalog` takes instead of a dict.

    An item is known by its `item_id`, else by its `name`. `base_unit`: g, ml, each, or a unit that is told in one of them (kg).
    `opening_quantity` counts `opening_unit` (lb, 6/5 LB; without one `base_unit`) on `opening_date`, today where none is given;
    `opening_value` is the money for all of it, `opening_unit_cost` that for one. `conversions` as for `set_conversions`.
    Where a `vendor_name` is given, its `item_number` (else `description`, else the name) in this `pack_size` is mapped.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str | None = None
    item_id: UUID | str | None = None
    category: str | None = None
    base_unit: str | None = None
    conversions: dict[str, str] | str | None = None
    opening_quantity: Number = None
    opening_unit: str | None = None
    opening_value: Number = None
    opening_unit_cost: Number = None
    opening_date: date | str | None = None
    vendor_name: str | None = None
    item_number: str | int | None = None
    description: str | None = None
    pack_size: str | None = None


CATALOG_FIELDS = tuple(CatalogItem.model_fields)


def meant_by(field: str) -> str:
    """What to do about a field that no row of a catalog has."""
    meant = get_close_matches(field, CATALOG_FIELDS, n=1)
    return f"did you mean {meant[0]}?" if meant else f"leave it out; read are {', '.join(CATALOG_FIELDS)}"


# ---- the document, as it is booked ---------------------------------------------------------------


OBJECT = (dict, Mapping)
"""What a JSON object is, to isinstance: most are dicts, and to ask that first is cheap."""

ITEM = "item"
PRICE_CORRECTION = "price_correction"
KINDS_OF_ITEMS = frozenset({ITEM, PRICE_CORRECTION})


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be read. `item_key`, `pack_key` and `reading` are what its mapping is found by: "" if it is no item's.

    Of goods that went back, and of all lines of a credit memo, quantity and money are negative. `share`: of the document's
    freight and discounts, in what the goods cost. `ordered_…`: what was ordered of goods that are billed by weight.
    """

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
    kind: str = ITEM
    share: Decimal = Decimal(0)
    corrected_price: Decimal | None = None
    ordered_quantity: Decimal | None = None
    ordered_pack_size: str | None = None
    sent: Callable[[], str] | None = field(default=None, compare=False, repr=False)

    @property
    def is_of_item(self) -> bool:
        return self.kind in KINDS_OF_ITEMS

    @property
    def went_back(self) -> bool:
        return self.kind == ITEM and self.quantity < 0

    @property
    def as_sent(self) -> str:
        """The line as it came, as JSON text: what is kept of it if it fails after all."""
        return "null" if self.sent is None else self.sent()


def sent_besides(line: Line | FailedLine) -> dict[str, str | Decimal | None]:
    """What few lines have, as the content of a document is told by."""
    found: dict[str, str | Decimal | None] = {} if line.kind == ITEM else {"kind": line.kind}
    if isinstance(line, FailedLine):
        return found
    if line.corrected_price is not None:
        found["corrected_price"] = line.corrected_price
    if line.ordered_quantity is not None:
        found |= {"ordered_quantity": line.ordered_quantity, "ordered_pack_size": line.ordered_pack_size}
    return found


def sent_as(value: object) -> object:
    return f"{value:f}" if isinstance(value, Decimal) else value


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
    kind: str = ITEM
    share: Decimal = Decimal(0)

    @classmethod
    def of(cls, line: Line, error: LineError) -> FailedLine:
        """The line, failed with `error` after it could be read."""
        texts = (line.item_number, line.description, line.pack_size)
        return cls(line.line_number, *texts, error.error_type, str(error), line.as_sent, line.kind, line.share)


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
    document_type: str = "invoice"
    corrects: str | None = None
    corrects_id: UUID | None = None

    @property
    def good_lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if isinstance(line, Line))

    @property
    def item_lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self.good_lines if line.is_of_item)

    @property
    def is_credit_memo(self) -> bool:
        return self.document_type == "credit_memo"


STRICTNESS = ("warn", "refuse")
SPREADS = (None, "value", "quantity")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a business decides once. `currency`: of invoices that name none (its minor unit rounds a line's money).

    `numbers_restart_yearly`: invoice numbers are unique per vendor and year, not per vendor.
    `fuzzy_auto`, `fuzzy_review`: how alike (0 to 1) a description must be to be matched without, or with, a look by a person.
    `totals`: a document whose lines do not add up to its total is booked with a warning ("warn"), or refused ("refuse");
    they may be `totals_tolerance` minor units apart. `excess_returns`: more goods back than were bought, likewise.
    `spread`: freight, charges and discounts become part of what the goods cost, by "value" or "quantity"; None: not at all.
    """

    currency: str | None = None
    numbers_restart_yearly: bool = False
    fuzzy_auto: Decimal = Decimal("0.90")
    fuzzy_review: Decimal = Decimal("0.62")
    totals: Literal["warn", "refuse"] = "warn"
    totals_tolerance: int = 2
    excess_returns: Literal["warn", "refuse"] = "warn"
    spread: Literal["value", "quantity"] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for what is none of the choices: a misspelt one must not mean something else."""
        for name, choices in (("totals", STRICTNESS), ("excess_returns", STRICTNESS), ("spread", SPREADS)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is one of {choices}, not {getattr(self, name)!r}")
        if self.totals_tolerance < 0:
            raise ValueError(f"totals_tolerance is a number of minor units, not {self.totals_tolerance}")


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

"""What comes out: what became of an invoice, what is in stock and what was paid, what a person decided, what is not true.

Frozen slotted dataclasses. Quantities, prices and money are `Decimal` throughout; dates have no time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from invoicedb.errors import InvoicedbError, InvoiceWarning

# ---- results -------------------------------------------------------------------------------------


class Status(StrEnum):
    """What became of an invoice: all lines booked, some, or none."""

    SUCCESS = "success"
    PARTIAL_SUCCESS = "partial_success"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LineResult:
    """What a line came to. A failed line has `error_type` and `error`, and None from `inventory_item_id` on.

    `dismissed_…`: of a failed line that nobody will mend, when, by whom and why that was said.

    `pack_quantity`: base units in one pack; `quantity_change`: base units added to stock; `unit_cost`: money per base unit;
    `previous_price`: the vendor's price before, restated for this pack; `price_change_percent`: None where there was none or 0.
    `match_reasons`: why the line was matched as it was, in short sentences; none for `exact`. A line of a `kind` that is for no
    goods has no item and no cost. What went back, and all of a credit memo, is negative. `corrected_price`: what a price
    correction makes of a pack's price. `ordered_…`: what was ordered of goods billed by weight.
    """

    line_number: int
    item_number: str | None
    description: str
    pack_size: str | None
    category: str | None
    quantity: Decimal | None
    unit_price: Decimal | None
    line_total: Decimal | None
    inventory_item_id: UUID | None
    item_name: str | None
    base_unit: str | None
    pack_quantity: Decimal | None
    match_method: str | None
    match_score: Decimal | None
    match_reasons: tuple[str, ...]
    quantity_change: Decimal | None
    unit_cost: Decimal | None
    total_cost: Decimal | None
    previous_price: Decimal | None
    price_change_percent: Decimal | None
    is_price_increase: bool | None
    error_type: str | None
    error: str | None
    kind: str = "item"
    corrected_price: Decimal | None = None
    ordered_quantity: Decimal | None = None
    ordered_pack_size: str | None = None
    dismissed_at: datetime | None = None
    dismissed_by: str | None = None
    dismissed_reason: str | None = None

    @classmethod
    def of_row(cls, *values: Any) -> LineResult:
        """From the columns of `booked_lines`, whose reasons come as a list, or not at all."""
        columns: list[Any] = [*values[:REASONS_AT], tuple(values[REASONS_AT] or ()), *values[REASONS_AT + 1 :]]
        return cls(*columns)

    @property
    def price(self) -> Decimal | None:
        """What a pack costs by this line: a price correction's `unit_price` is what it takes off."""
        return self.unit_price if self.corrected_price is None else self.corrected_price

    @property
    def is_booked(self) -> bool:
        return self.error_type is None

    @property
    def is_dismissed(self) -> bool:
        return self.dismissed_at is not None

    @property
    def is_new_item(self) -> bool:
        return self.match_method == "new"


REASONS_AT = [field.name for field in fields(LineResult)].index("match_reasons")


@dataclass(frozen=True, slots=True)
class InvoiceResult:
    """What became of one invoice, line by line. `round_trips`: network round trips that it took, retries included.

    `replayed`: it was booked before, nothing was written now. `processing_time_seconds`: of this call.
    """

    invoice_id: UUID
    vendor_name: str
    invoice_number: str | None
    invoice_date: date
    currency: str | None
    lines: tuple[LineResult, ...]
    replayed: bool
    round_trips: int
    processing_time_seconds: float
    warnings: tuple[InvoiceWarning, ...] = ()
    document_type: str = "invoice"

    @property
    def booked(self) -> tuple[LineResult, ...]:
        return tuple(line for line in self.lines if line.is_booked)

    @property
    def failed(self) -> tuple[LineResult, ...]:
        """The lines that failed and are not dismissed."""
        return tuple(line for line in self.lines if not line.is_booked and not line.is_dismissed)

    @property
    def status(self) -> Status:
        if not self.booked:
            return Status.FAILED
        return Status.PARTIAL_SUCCESS if self.failed else Status.SUCCESS

    @property
    def inventory_items_created(self) -> int:
        return len(self._created)

    @property
    def inventory_items_updated(self) -> int:
        """How many items that were there before got stock from this invoice."""
        return len({line.inventory_item_id for line in self.booked} - self._created - {None})

    @property
    def _created(self) -> set[UUID | None]:
        return {line.inventory_item_id for line in self.booked if line.is_new_item}

    @property
    def price_changes(self) -> tuple[LineResult, ...]:
        return tuple(line for line in self.booked if line.price_change_percent)

    def matched(self, *methods: str) -> tuple[LineResult, ...]:
        """The booked lines that were matched in one of these ways: exact, fuzzy_auto, fuzzy_review, new."""
        return tuple(line for line in self.booked if line.match_method in methods)

    def to_dict(self) -> dict[str, Any]:
        """The pattern's dict, and `replayed`, `round_trips`, `price_changes`, `warnings`, `lines` more.

        Ids and dates are text, quantities and money are `Decimal`.
        """
        return {
            "status": self.status.value,
            "invoice_id": str(self.invoice_id),
            "items_processed": len(self.booked),
            "items_failed": len(self.failed),
            "inventory_items_created": self.inventory_items_created,
            "inventory_items_updated": self.inventory_items_updated,
            "fuzzy_matches": len(self.matched("fuzzy_auto", "fuzzy_review")),
            "exact_matches": len(self.matched("exact")),
            "failed_items": [failed_item(line) for line in self.failed],
            "processing_time_seconds": self.processing_time_seconds,
            "replayed": self.replayed,
            "round_trips": self.round_trips,
            "price_changes": [price_change(line) for line in self.price_changes],
            "warnings": [str(warning) for warning in self.warnings],
            "lines": [to_plain(line) for line in self.lines],
        }


def failed_item(line: LineResult) -> dict[str, Any]:
    return {"line": line.line_number, "description": line.description, "error": line.error, "error_type": line.error_type}


def price_change(line: LineResult) -> dict[str, Any]:
    return {
        "line": line.line_number,
        "inventory_item_id": str(line.inventory_item_id),
        "description": line.description,
        "previous_price": line.previous_price,
        "unit_price": line.price,
        "price_change_percent": line.price_change_percent,
        "is_price_increase": line.is_price_increase,
    }


def to_plain(row: Any) -> dict[str, Any]:
    """A result row as a dict: ids and dates as text, the rest as it is."""
    return {each.name: text_of(getattr(row, each.name)) for each in fields(row)}


def text_of(value: Any) -> Any:
    return str(value) if isinstance(value, UUID | date) else value


@dataclass(frozen=True, slots=True)
class RefusedInvoice:
    """An invoice of `process_invoices` that was refused as a whole; nothing of it was written.

    `error` says why; `invoice_id` is the one that was sent with it, if any.
    """

    error: InvoicedbError
    invoice_id: UUID | str | None = None

    @property
    def status(self) -> Status:
        return Status.FAILED

    def to_dict(self) -> dict[str, Any]:
        return {
            "status": self.status.value,
            "invoice_id": None if self.invoice_id is None else str(self.invoice_id),
            "error": str(self.error),
            "error_type": self.error.error_type.value,
        }


@dataclass(frozen=True, slots=True)
class Movement:
    """Stock that moved: `quantity_change` in base units, `unit_cost` money per base unit, `total_cost` the line's money."""

    line_number: int
    inventory_item_id: UUID
    item_name: str
    base_unit: str
    quantity_change: Decimal
    unit_cost: Decimal
    total_cost: Decimal


@dataclass(frozen=True, slots=True)
class VoidResult:
    """An invoice that stands no longer. `movements` are what its void took back; `void_id` is the void's own document.

    `replayed`: it had been voided before, nothing was written now; `reason` and `made_by` are those of then.
    """

    invoice_id: UUID
    void_id: UUID
    vendor_name: str
    invoice_number: str | None
    invoice_date: date
    reason: str | None
    made_by: str | None
    movements: tuple[Movement, ...]
    replayed: bool
    round_trips: int


@dataclass(frozen=True, slots=True)
class TakeBackResult:
    """Opening stock that stands no longer. `movements` are what took it back, in base units; `correction_id` is their document.

    `replayed`: it had been taken back before, nothing was written now; `reason` and `made_by` are those of then.
    """

    item_id: UUID
    item_name: str
    correction_id: UUID
    reason: str | None
    made_by: str | None
    movements: tuple[Movement, ...]
    replayed: bool
    round_trips: int


@dataclass(frozen=True, slots=True)
class PeriodLock:
    """Nothing is booked or changed whose date is before this one; who closed the period, and why."""

    before: date
    made_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A vendor's item and pack, what it was matched to, and why: what a person sees who decides about it.

    `match_reasons`, `match_score` and the runner-up are those of the match; `pending_descriptions` are further descriptions, in
    capitals, that came under the same number and wait for a look. `pack_quantity`: base units in one pack. `booked_lines`: how
    many lines stand on it, counted among the first 1,000 of the item from this vendor, and `booked_total` their money in
    `booked_currency`; None where they are in several currencies. `review_state`: none, pending, approved.
    `rejected_item_ids`: what it is not, as was decided before.
    """

    vendor_id: UUID
    vendor_name: str
    item_key: str
    pack_key: str
    item_number: str | None
    description: str
    pack_size: str | None
    inventory_item_id: UUID
    item_name: str
    base_unit: str
    pack_quantity: Decimal
    match_method: str
    match_score: Decimal | None
    match_reasons: tuple[str, ...]
    runner_up_item_id: UUID | None
    runner_up_name: str | None
    runner_up_score: Decimal | None
    review_state: str
    accepted_descriptions: tuple[str, ...]
    pending_descriptions: tuple[str, ...]
    rejected_item_ids: tuple[UUID, ...]
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    booked_lines: int
    created_at: datetime
    booked_total: Decimal | None
    booked_currency: str | None

    @classmethod
    def of_row(cls, *values: Any) -> ReviewCase:
        """From the columns of `review_queue`, whose lists come as such."""
        columns: list[Any] = [tuple(value) if isinstance(value, list) else value for value in values]
        return cls(*columns)


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What a decision came to: the case as it stands now, and the movements of the correction that moved its booked lines.

    `correction_id`: of that document, None where nothing had to move. `replayed`: it was decided so before, nothing was done.
    """

    case: ReviewCase
    correction_id: UUID | None
    movements: tuple[Movement, ...]
    replayed: bool
    round_trips: int


@dataclass(frozen=True, slots=True)
class MergeResult:
    """Two items that are one, or after `unmerge_item` are two again.

    `movements` are those of the correction that moved what was booked, `correction_id` is that document: None where nothing had
    to move. `mappings`: how many went over; `lines`: how many booked lines did, and movements without a line. `replayed`: it
    was merged so before, nothing was done.
    """

    item_id: UUID
    item_name: str
    into_item_id: UUID
    into_item_name: str
    correction_id: UUID | None
    mappings: int
    lines: int
    movements: tuple[Movement, ...]
    replayed: bool
    round_trips: int


@dataclass(frozen=True, slots=True)
class VendorMergeResult:
    """Two vendors that are one, or after `unmerge_vendor` are two again.

    `documents`: how many invoices and credit memos went over; `mappings`: how many mappings did; `united`: how many were there
    on both sides. `replayed`: it was merged so before, nothing was done.
    """

    vendor_id: UUID
    vendor_name: str
    into_vendor_id: UUID
    into_vendor_name: str
    documents: int
    mappings: int
    united: int
    replayed: bool
    round_trips: int


@dataclass(frozen=True, slots=True)
class NamedVendor:
    """The vendor of a name, and the one that it was merged into: what is booked under the name is that one's."""

    id: UUID
    name: str
    merged_into_id: UUID | None
    merged_into_name: str | None


@dataclass(frozen=True, slots=True)
class ReplaceResult:
    """An invoice in place of another: what its void took back, and what the new one came to."""

    void: VoidResult
    invoice: InvoiceResult


@dataclass(frozen=True, slots=True)
class DismissResult:
    """A failed line as it stands now: dismissed, or with None in the three facts taken up again.

    `status`: of its invoice. `replayed`: it had been dismissed before; who and why are those of then.
    """

    invoice_id: UUID
    line_number: int
    description: str
    error_type: str
    error: str
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_reason: str | None
    status: Status
    replayed: bool
    round_trips: int


class CatalogRowStatus(StrEnum):
    """What became of a row of a catalog: its item is new, got something that was missing, had it all; or the row failed."""

    CREATED = "created"
    ADDED = "added"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """What a row came to. `row_number` counts from 1; `opening_quantity`, in base units, and `opening_value` were booked now.

    A failed row has `error_type` and `error`, and nothing of it is written.
    """

    row_number: int
    name: str
    status: CatalogRowStatus
    item_id: UUID | None = None
    base_unit: str | None = None
    opening_quantity: Decimal | None = None
    opening_value: Decimal | None = None
    error_type: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogResult:
    """What became of a catalog, row by row. `import_id` is the `reference_id` of the opening movements that it booked."""

    import_id: UUID
    rows: tuple[CatalogRow, ...]
    round_trips: int

    def of_status(self, status: str) -> tuple[CatalogRow, ...]:
        """The rows that came to this: created, added, unchanged, failed."""
        return tuple(row for row in self.rows if row.status == status)

    @property
    def failed(self) -> tuple[CatalogRow, ...]:
        return self.of_status(CatalogRowStatus.FAILED)

    @property
    def status(self) -> Status:
        if len(self.failed) == len(self.rows):
            return Status.FAILED
        return Status.PARTIAL_SUCCESS if self.failed else Status.SUCCESS

    def to_dict(self) -> dict[str, Any]:
        """Plain data: ids are text, quantities and money `Decimal`."""
        return {
            "status": self.status.value,
            "import_id": str(self.import_id),
            **{each.value: len(self.of_status(each)) for each in CatalogRowStatus},
            "round_trips": self.round_trips,
            "rows": [to_plain(row) for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class TenantDeletion:
    """What a tenant had. `deleted`: how many rows of each table."""

    user_id: UUID
    deleted: Mapping[str, int]
    round_trips: int


@dataclass(frozen=True, slots=True)
class InvoiceSummary:
    """An invoice or a credit memo in a list. `total`: money of its booked lines; `line_count`: of all its lines.

    `corrects_id`: the invoice that a credit memo is about.
    """

    id: UUID
    vendor_name: str
    invoice_number: str | None
    invoice_date: date
    currency: str | None
    total: Decimal
    line_count: int
    status: str
    is_voided: bool
    document_type: str = "invoice"
    corrects_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """A booked invoice and its lines as they stand now."""

    summary: InvoiceSummary
    lines: tuple[LineResult, ...]


@dataclass(frozen=True, slots=True)
class StockLevel:
    """An item and its stock. `current_quantity` in base units; prices of its last purchase, per pack and per base unit.

    `last_value`: what the stock is worth at that price, in `last_currency` (None where the invoice told none): quantity x price
    of the pack / what the pack holds, in one division rounded to ten decimals. None for an item that has no last purchase.
    """

    id: UUID
    name: str
    category: str | None
    base_unit: str
    current_quantity: Decimal
    last_purchase_price: Decimal | None
    last_purchase_date: date | None
    last_base_unit_price: Decimal | None
    last_value: Decimal | None
    last_currency: str | None


@dataclass(frozen=True, slots=True)
class StockValue:
    """What an item's stock is worth. `current_quantity` in base units, values and costs to ten decimals.

    `last_value`: at the last price, in `last_currency`; None for an item that has no last purchase. `average_unit_cost`: per
    base unit, all that was bought by all its quantity; `average_value`: of the stock at it, divided once. Both are in the one
    currency that `currencies` names (None where the invoices told none), and None where it names several, or nothing is left
    of what was bought.
    """

    id: UUID
    name: str
    category: str | None
    base_unit: str
    current_quantity: Decimal
    last_base_unit_price: Decimal | None
    last_value: Decimal | None
    last_currency: str | None
    average_unit_cost: Decimal | None
    average_value: Decimal | None
    currencies: tuple[str | None, ...]

    @classmethod
    def of_row(cls, *values: Any) -> StockValue:
        """From the columns of `list_valuation`, whose currencies come as a list."""
        columns: list[Any] = [*values[:-1], tuple(values[-1])]
        return cls(*columns)


@dataclass(frozen=True, slots=True)
class PurchaseTotal:
    """What was bought from a vendor, in a category or of an item, in one currency: `total` money in `currency`.

    `id`: of the vendor or item, None by category; `name`: of the vendor, category or item, None for items without a category;
    `month`: its first day, None where months were not asked for. `quantity` in `base_unit`: by item, else None.
    """

    id: UUID | None
    name: str | None
    month: date | None
    currency: str | None
    total: Decimal
    document_count: int
    line_count: int
    quantity: Decimal | None
    base_unit: str | None


@dataclass(frozen=True, slots=True)
class PricePoint:
    """A price paid. `unit_price` per pack, `base_unit_price` per base unit, `previous_price` restated for this pack.

    `previous_base_unit_price`: `previous_price` by what this pack holds, to ten decimals.
    """

    invoice_id: UUID
    line_number: int
    invoice_date: date
    inventory_item_id: UUID
    item_name: str
    base_unit: str
    vendor_name: str
    unit_price: Decimal
    pack_size: str | None
    base_unit_price: Decimal
    currency: str | None
    previous_price: Decimal | None
    price_change_percent: Decimal | None
    is_price_increase: bool | None
    previous_base_unit_price: Decimal | None


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor of the user's. `name` is as first written."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class MappingResult:
    """What a vendor's item is mapped to. `match_method`: exact, fuzzy_auto, fuzzy_review or new."""

    inventory_item_id: UUID
    is_new_item: bool
    match_method: str
    match_score: Decimal | None
    base_unit: str
    pack_quantity: Decimal


# ---- truth and where it comes from ---------------------------------------------------------------


class DifferenceKind(StrEnum):
    """What does not follow from what it is derived from."""

    STOCK = "stock"
    LAST_PURCHASE = "last_purchase"
    PRICE_CHAIN = "price_chain"
    PRICE_POINT = "price_point"
    MOVEMENT = "movement"
    INVOICE_TOTAL = "invoice_total"
    INVOICE_LINE = "invoice_line"
    MISSING_MOVEMENT = "missing_movement"
    MISSING_PRICE = "missing_price"
    MISSING_REVERSAL = "missing_reversal"
    REVERSAL = "reversal"
    VENDOR_SEQUENCE = "vendor_sequence"
    STRAY_MOVEMENT = "stray_movement"
    STRAY_PRICE = "stray_price"


CAUSES = {
    DifferenceKind.STOCK: "its movements add up to another stock",
    DifferenceKind.LAST_PURCHASE: "its latest price that stands is another one",
    DifferenceKind.PRICE_CHAIN: "the price before it, of the same item, vendor and currency, gives another value",
    DifferenceKind.PRICE_POINT: "the price is not what its line and its invoice say",
    DifferenceKind.MOVEMENT: "the movement is not what its line says",
    DifferenceKind.INVOICE_TOTAL: "the invoice's lines give another value",
    DifferenceKind.INVOICE_LINE: "the line's money and its share of freight and discounts give another value",
    DifferenceKind.MISSING_MOVEMENT: "a booked line has no movement",
    DifferenceKind.MISSING_PRICE: "a booked line has no price",
    DifferenceKind.MISSING_REVERSAL: "it was voided or moved to another item, and nothing takes its movement back",
    DifferenceKind.REVERSAL: "what takes a movement back is not its opposite",
    DifferenceKind.VENDOR_SEQUENCE: "its vendor would give a next invoice the place of this one, or one before it",
    DifferenceKind.STRAY_MOVEMENT: "a movement has no booked line",
    DifferenceKind.STRAY_PRICE: "a price has no booked line",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored value that does not follow from the documents.

    `invoice_id`, `line_number`: of the line or price, where there is one. `stored`, `expected`: exact, as text; None where
    there is nothing. `repaired`: `expected` is what is stored now.
    """

    kind: DifferenceKind
    item_id: UUID | None
    item_name: str | None
    invoice_id: UUID | None
    line_number: int | None
    column: str | None
    stored: str | None
    expected: str | None
    repaired: bool = False

    @classmethod
    def of_row(cls, kind: str, *values: Any) -> Difference:
        return cls(DifferenceKind(kind), *values)

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        item = None if self.item_name is None else f"item {self.item_name!r}"
        invoice = None if self.invoice_id is None else f"invoice {self.invoice_id}"
        line = None if self.line_number is None else f"line {self.line_number}"
        return ", ".join(part for part in (item, invoice, line) if part)

    @property
    def cause(self) -> str:
        return CAUSES[self.kind]

    def __str__(self) -> str:
        values = (
            "" if self.column is None else f"{self.column} is {self.stored or 'nothing'}, not {self.expected or 'nothing'}: "
        )
        return f"{self.place}: {values}{self.cause}{' (repaired)' if self.repaired else ''}"


@dataclass(frozen=True, slots=True)
class ExplainedMovement:
    """A movement of an item and all that is behind it: document, invoice line, price point, and how the line was matched.

    `reference_id`, `line_number`: the movement's own document, and its place in it; `reason` and `made_by` are that document's.
    From `invoice_id` on, what it stands for: of a reversal or a correction the invoice line that is taken back or moved.
    `stock_after`: the item's stock by then, in the order of dates. `review_state`, `decided_by`, `decision_reason`: what was
    decided about the mapping since, as it stands now. `reverses_…`: what it takes back; `reversed_by_…`: what takes it back.
    Opening stock stands for itself: its `reference_type` is opening, `booked_at` the beginning of its day; it has no invoice.
    """

    transaction_date: date
    transaction_type: str
    quantity_change: Decimal
    stock_after: Decimal
    unit_cost: Decimal
    total_cost: Decimal
    reference_id: UUID
    reference_type: str
    line_number: int
    booked_at: datetime
    reason: str | None
    made_by: str | None
    invoice_id: UUID | None
    invoice_number: str | None
    invoice_date: date | None
    is_voided: bool | None
    currency: str | None
    vendor_name: str | None
    invoice_line_number: int | None
    item_number: str | None
    description: str | None
    pack_size: str | None
    quantity: Decimal | None
    unit_price: Decimal | None
    line_total: Decimal | None
    base_unit_price: Decimal | None
    previous_price: Decimal | None
    price_change_percent: Decimal | None
    match_method: str | None
    match_score: Decimal | None
    match_reasons: tuple[str, ...]
    review_state: str | None
    decided_by: str | None
    decision_reason: str | None
    reverses_reference_id: UUID | None
    reverses_line_number: int | None
    reversed_by_id: UUID | None
    reversed_by_line_number: int | None

    @classmethod
    def of_row(cls, *values: Any) -> ExplainedMovement:
        """From the columns of `list_movements`, whose reasons come as a list, or as nothing where no line is left."""
        place = [each.name for each in fields(cls)].index("match_reasons")
        columns = [*values]
        columns[place] = tuple(columns[place] or ())
        return cls(*columns)


@dataclass(frozen=True, slots=True)
class Explanation:
    """An item with its stock and last purchase, and the movements behind them, newest first.

    `merged_into`: the item that it was merged into, where it was.
    """

    item: StockLevel
    movements: tuple[ExplainedMovement, ...]
    merged_into: StockLevel | None = None

"""What a user of invoicedb can meet: one class per kind of failure, its facts as attributes, a message with the cure.

`InvoicedbError` is the root. Below it, `InvoiceRefused` is a whole invoice that was not written, `LineError` one line that
fails alone (it is stored with the document, never raised by `process_invoice`), and `DatabaseError` something about the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class ErrorType(StrEnum):
    """Why a line failed: one value per kind of failure, a closed list."""

    NOT_AN_OBJECT = "not_an_object"
    MISSING_DESCRIPTION = "missing_description"
    INVALID_TEXT = "invalid_text"
    INVALID_KIND = "invalid_kind"
    INVALID_QUANTITY = "invalid_quantity"
    INVALID_PRICE = "invalid_price"
    INVALID_TOTAL = "invalid_total"
    ZERO_QUANTITY = "zero_quantity"
    NEGATIVE_QUANTITY = "negative_quantity"
    NEGATIVE_PRICE = "negative_price"
    UNREADABLE_PACK_SIZE = "unreadable_pack_size"
    AMBIGUOUS_PACK_SIZE = "ambiguous_pack_size"
    UNIT_MISMATCH = "unit_mismatch"
    NO_MATCHING_ITEM = "no_matching_item"
    REJECTED_BY_DATABASE = "rejected_by_database"
    INVALID_INVOICE = "invalid_invoice"
    INVALID_RULE = "invalid_rule"
    INVALID_CATALOG = "invalid_catalog"
    NOT_CONFIRMED = "not_confirmed"
    CONFLICT = "conflict"
    PERIOD_LOCKED = "period_locked"
    DATABASE_UNAVAILABLE = "database_unavailable"
    UNKNOWN = "unknown"


class InvoicedbError(Exception):
    """The root of everything that invoicedb raises on purpose."""

    error_type: ErrorType = ErrorType.UNKNOWN


# ---- one line ------------------------------------------------------------------------------------


class LineError(InvoicedbError):
    """One line can't be booked; the invoice's other lines can."""


class LineNotAnObject(LineError):
    """A line, or a row of a catalog, that is no JSON object. `wanted` is what one is."""

    error_type = ErrorType.NOT_AN_OBJECT

    def __init__(
        self, *, found: str, wanted: str = "a line is an object with item_number, description, quantity and unit_price"
    ) -> None:
        self.found, self.wanted = found, wanted
        super().__init__(f"{wanted}; this one is {found}")


class MissingDescription(LineError):
    """Neither a description nor an item number: nothing says what was bought."""

    error_type = ErrorType.MISSING_DESCRIPTION

    def __init__(self) -> None:
        super().__init__("no description and no item number: give at least one of them")


class InvalidText(LineError):
    """A text that is too long, or no text at all."""

    error_type = ErrorType.INVALID_TEXT

    def __init__(self, *, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field} {reason}")


class InvalidKind(LineError):
    """A line of no kind that its document has. `kinds` are those that it may have."""

    error_type = ErrorType.INVALID_KIND

    def __init__(self, *, text: str, kinds: Sequence[str]) -> None:
        self.text, self.kinds = text, tuple(kinds)
        super().__init__(f"kind {text!r} is none of {', '.join(self.kinds)}")


class InvalidNumber(LineError):
    """A quantity, price or total that is no exact number within the limits. `field` names it, `text` is what was given."""

    def __init__(self, *, field: str, text: str, reason: str, error_type: ErrorType) -> None:
        self.field, self.text, self.reason, self.error_type = field, text, reason, error_type
        super().__init__(f"{field} {text!r} {reason}")


class UnreadablePackSize(LineError):
    """A pack size that is not understood. `text` is what was given."""

    error_type = ErrorType.UNREADABLE_PACK_SIZE

    def __init__(self, *, text: str, reason: str) -> None:
        self.text, self.reason = text, reason
        super().__init__(
            f"pack size {text!r} can't be read: {reason}; understood are forms such as 6/5 LB, 24x330ml, 4/1 GAL, 12 CT, 50 LB"
        )


class AmbiguousPackSize(LineError):
    """A pack size with more than one meaning. `readings` are the meanings, in words."""

    error_type = ErrorType.AMBIGUOUS_PACK_SIZE

    def __init__(self, *, text: str, readings: Sequence[str]) -> None:
        self.text, self.readings = text, tuple(readings)
        super().__init__(f"pack size {text!r} may mean {' or '.join(self.readings)}: write the one that is meant")


class UnitMismatch(LineError):
    """A unit of another dimension than the item's: lb of an item that is kept in ml."""

    error_type = ErrorType.UNIT_MISMATCH

    def __init__(self, *, unit: str, item_unit: str) -> None:
        self.unit, self.item_unit = unit, item_unit
        super().__init__(f"{unit} can't become {item_unit}: tell the item what 1 {unit} of it is, then try again")


class NoMatchingItem(LineError):
    """The tenant's policy is to create no items, and none matches. `reasons` say why the nearest one does not."""

    error_type = ErrorType.NO_MATCHING_ITEM

    def __init__(self, *, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(
            f"no item matches ({'; '.join(self.reasons)}) and none is to be created: make or map it, then retry the line"
        )


class RejectedByDatabase(LineError):
    """A constraint or trigger of the database refuses this line and no other. `sqlstate` and `constraint` are the server's."""

    error_type = ErrorType.REJECTED_BY_DATABASE

    def __init__(self, *, sqlstate: str, constraint: str | None, reason: str) -> None:
        self.sqlstate, self.constraint, self.reason = sqlstate, constraint, reason
        super().__init__(f"the database refuses this line ({constraint or sqlstate}): {reason}")


class CatalogConflict(LineError):
    """A row of a catalog says otherwise than the item that is there. `differences` are (field, there, given)."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, item_id: UUID, name: str, differences: Sequence[tuple[str, str, str]]) -> None:
        self.item_id, self.name, self.differences = item_id, name, tuple(differences)
        named = "; ".join(f"{field} is {there}, not {given}" for field, there, given in self.differences)
        super().__init__(
            f"{name!r} ({item_id}) is there already, and its {named}: an import adds what is missing and changes nothing; "
            "mend the row, or change the item itself"
        )


class AlreadyMapped(LineError):
    """What a row says a vendor calls its item is mapped to another one: `item_id`, called `name`."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, sold_as: str, item_id: UUID, name: str) -> None:
        self.sold_as, self.item_id, self.name = sold_as, item_id, name
        super().__init__(
            f"{sold_as} is mapped to {name!r} ({item_id}) already, not to the item of the row: an import changes nothing "
            "that is there; mend the row, or reassign the mapping"
        )


class AmbiguousItem(LineError):
    """More than one item has the name that a row gives. `item_ids` are some of them."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, name: str, item_ids: Sequence[UUID]) -> None:
        self.name, self.item_ids = name, tuple(item_ids)
        super().__init__(f"more than one item is called {name!r}: give the item_id of the one that is meant")


# ---- a whole invoice -----------------------------------------------------------------------------


class InvoiceRefused(InvoicedbError):
    """The invoice as a whole can't be taken; nothing was written."""

    error_type = ErrorType.INVALID_INVOICE


class InvalidInvoice(InvoiceRefused):
    """The document is malformed. `field` says where (`invoice.vendor_name`), `reason` what is wrong and what to do."""

    def __init__(self, *, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}" if field else reason)


class UnreadableDocument(InvoiceRefused):
    """The bytes are no document of the named format. `line` and `column` count from 1; None where there is no such place."""

    def __init__(self, *, reason: str, line: int | None = None, column: int | None = None, source: str | None = None) -> None:
        self.reason, self.line, self.column, self.source = reason, line, column, source
        place = f" at line {line}, column {column}" if line is not None else ""
        super().__init__(f"{source + ': ' if source else ''}unreadable{place}: {reason}")


class UnbalancedInvoice(InvoiceRefused):
    """The lines, charges, allowances and tax do not add up to the document's total, and the policy is to refuse that."""

    def __init__(self, *, given: Decimal, computed: Decimal, tolerance: Decimal) -> None:
        self.given, self.computed, self.tolerance = given, computed, tolerance
        super().__init__(
            f"total {given} was given, lines, charges, allowances and tax make {computed} (tolerated: {tolerance}): "
            "look for a missing or wrong line, or send it under a policy that warns"
        )


class ExcessReturns(InvoiceRefused):
    """More goods go back than were bought, and the policy is to refuse that. `returns` are the items' warnings."""

    def __init__(self, *, returns: Sequence[ReturnedMoreThanBought]) -> None:
        self.returns = tuple(returns)
        super().__init__(f"{'; '.join(map(str, self.returns))}: correct the quantity, or send it under a policy that warns")


class PeriodLocked(InvoiceRefused):
    """What is to be booked or changed is of a day before `locked_before`. Nothing was written."""

    error_type = ErrorType.PERIOD_LOCKED

    def __init__(self, *, locked_before: date) -> None:
        self.locked_before = locked_before
        super().__init__(
            f"the period before {locked_before} is locked: give a later date, have it unlocked, "
            "or connect with the right override_period_lock"
        )


class InvoiceConflict(InvoiceRefused):
    """The same invoice_id was booked with other content.

    `differences` are (line number or None for the header, field, booked, sent).
    """

    error_type = ErrorType.CONFLICT

    def __init__(self, *, invoice_id: UUID, differences: Sequence[tuple[int | None, str, str, str]]) -> None:
        self.invoice_id, self.differences = invoice_id, tuple(differences)
        named = "; ".join(
            f"{'header' if line is None else f'line {line}'} {field}: booked {booked}, sent {sent}"
            for line, field, booked, sent in self.differences[:5]
        )
        more = f" and {len(self.differences) - 5} more" if len(self.differences) > 5 else ""
        super().__init__(
            f"invoice {invoice_id} is booked with other content ({named}{more}): send it as it was, or replace the booked one"
        )


class DuplicateInvoice(InvoiceRefused):
    """The vendor's invoice number is booked under another id."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, invoice_id: UUID, booked_as: UUID, vendor_name: str, invoice_number: str) -> None:
        self.invoice_id, self.booked_as = invoice_id, booked_as
        self.vendor_name, self.invoice_number = vendor_name, invoice_number
        super().__init__(
            f"invoice {invoice_number!r} of {vendor_name!r} is booked already, as {booked_as}: "
            "send it under that id, or correct the number"
        )


class InvoiceVoided(InvoiceRefused):
    """The given invoice_id belongs to an invoice that was voided. `cure`: what to do instead."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, invoice_id: UUID, cure: str = "send it without an invoice_id, or under a new one") -> None:
        self.invoice_id, self.cure = invoice_id, cure
        super().__init__(f"invoice {invoice_id} was voided: {cure}")


class InvoiceCredited(InvoicedbError):
    """The invoice can't be voided while credit memos that correct it stand. `credit_ids` are theirs."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, invoice_id: UUID, credit_ids: Sequence[UUID]) -> None:
        self.invoice_id, self.credit_ids = invoice_id, tuple(credit_ids)
        super().__init__(f"credit memos correct invoice {invoice_id} ({', '.join(map(str, self.credit_ids))}): void them first")


class InvoiceNotFound(InvoicedbError):
    """No such invoice of this user."""

    error_type = ErrorType.INVALID_INVOICE

    def __init__(self, *, invoice_id: UUID) -> None:
        self.invoice_id = invoice_id
        super().__init__(f"no invoice {invoice_id} of this user: check the id and the user_id")


class LineNotFailed(InvoicedbError):
    """Only a failed line can be dismissed. `is_booked`: the line is booked; else the invoice has no line of this number."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, invoice_id: UUID, line_number: int, is_booked: bool) -> None:
        self.invoice_id, self.line_number, self.is_booked = invoice_id, line_number, is_booked
        what = "is booked: void or replace the invoice to take it back" if is_booked else "is not there: check the number"
        super().__init__(f"line {line_number} of invoice {invoice_id} {what}")


class NotAnInvoice(InvoicedbError):
    """The document is none that was sent, but what corrects one. `document_type`: void or correction."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, invoice_id: UUID, document_type: str) -> None:
        self.invoice_id, self.document_type = invoice_id, document_type
        super().__init__(f"document {invoice_id} is a {document_type.replace('_', ' ')}: give the id of an invoice")


class VendorNotFound(InvoicedbError):
    """No such vendor of this user."""

    error_type = ErrorType.INVALID_INVOICE

    def __init__(self, *, vendor_id: UUID) -> None:
        self.vendor_id = vendor_id
        super().__init__(f"no vendor {vendor_id} of this user: make it with create_or_get_vendor, or check the user_id")


class NoVendorNamed(InvoicedbError):
    """No vendor of this user has this name."""

    error_type = ErrorType.INVALID_INVOICE

    def __init__(self, *, vendor_name: str) -> None:
        self.vendor_name = vendor_name
        super().__init__(f"no vendor {vendor_name!r} of this user: write the name as an invoice has it, or check the user_id")


class SameVendor(InvoicedbError):
    """A vendor is to be merged into itself."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, vendor_id: UUID) -> None:
        self.vendor_id = vendor_id
        super().__init__(f"vendor {vendor_id} can't be merged into itself: name two vendors")


class VendorMerged(InvoicedbError):
    """A vendor was merged into another, and so can't be merged, nor be one to merge into, nor another's be taken out of it."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, vendor_id: UUID, vendor_name: str, into_vendor_id: UUID) -> None:
        self.vendor_id, self.vendor_name, self.into_vendor_id = vendor_id, vendor_name, into_vendor_id
        super().__init__(
            f"{vendor_name!r} ({vendor_id}) was merged into vendor {into_vendor_id}: "
            f"name that one, or un-merge {vendor_name!r} first"
        )


class VendorNotMerged(InvoicedbError):
    """A vendor is to be un-merged that is not merged."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, vendor_id: UUID, vendor_name: str) -> None:
        self.vendor_id, self.vendor_name = vendor_id, vendor_name
        super().__init__(f"{vendor_name!r} ({vendor_id}) is not merged into another vendor: there is nothing to take back")


@dataclass(frozen=True, slots=True)
class NumberCollision:
    """A number under which each of two vendors has a document that stands."""

    invoice_number: str
    invoice_id: UUID
    into_invoice_id: UUID


@dataclass(frozen=True, slots=True)
class MappingCollision:
    """What two vendors call alike, and is not the same item, or not as much of it. Base quantities per pack."""

    item_key: str
    pack_key: str
    description: str
    item_id: UUID
    item_name: str
    base_quantity: Decimal
    into_item_id: UUID
    into_item_name: str
    into_base_quantity: Decimal


class VendorsCollide(InvoicedbError):
    """Two vendors can't be one as they are. `numbers` and `mappings` are all that stands against it; nothing was written."""

    error_type = ErrorType.CONFLICT

    def __init__(
        self,
        *,
        vendor_name: str,
        into_vendor_name: str,
        numbers: Sequence[NumberCollision],
        mappings: Sequence[MappingCollision],
    ) -> None:
        self.vendor_name, self.into_vendor_name = vendor_name, into_vendor_name
        self.numbers, self.mappings = tuple(numbers), tuple(mappings)
        cures = []
        if numbers:
            booked = ", ".join(each.invoice_number for each in numbers)
            cures.append(f"both have a document numbered {booked}: if it is one, void one of the two")
        if mappings:
            keys = ", ".join(f"{each.item_key} {each.pack_key}".strip() for each in mappings)
            cures.append(f"they mean different things by {keys}: reassign one of each pair, or merge the items, first")
        super().__init__(f"{vendor_name!r} can't be merged into {into_vendor_name!r}: {'; '.join(cures)}")


class ItemNotFound(InvoicedbError):
    """No such item of this user."""

    error_type = ErrorType.INVALID_INVOICE

    def __init__(self, *, item_id: UUID) -> None:
        self.item_id = item_id
        super().__init__(f"no item {item_id} of this user: check the id and the user_id")


class ItemMerged(InvoicedbError):
    """An item was merged into another: nothing can be reassigned to it or merged with it, nor another be taken out of it."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, item_id: UUID, item_name: str, into_item_id: UUID) -> None:
        self.item_id, self.item_name, self.into_item_id = item_id, item_name, into_item_id
        super().__init__(
            f"{item_name!r} ({item_id}) was merged into item {into_item_id}: name that one, or un-merge {item_name!r} first"
        )


class ItemNotMerged(InvoicedbError):
    """An item is to be un-merged that is not merged."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, item_id: UUID, item_name: str) -> None:
        self.item_id, self.item_name = item_id, item_name
        super().__init__(f"{item_name!r} ({item_id}) is not merged into another item: there is nothing to take back")


class ItemNotOpened(InvoicedbError):
    """Opening stock is to be taken back of an item on which none stands."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, item_id: UUID, item_name: str) -> None:
        self.item_id, self.item_name = item_id, item_name
        super().__init__(f"no opening stock of {item_name!r} ({item_id}) stands: there is nothing to take back")


class SameItem(InvoicedbError):
    """An item is to be merged into itself."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, item_id: UUID) -> None:
        self.item_id = item_id
        super().__init__(f"item {item_id} can't be merged into itself: name two items")


class MappingNotFound(InvoicedbError):
    """Nothing of this vendor is mapped under this item key and pack key."""

    error_type = ErrorType.INVALID_INVOICE

    def __init__(self, *, vendor_id: UUID, item_key: str, pack_key: str) -> None:
        self.vendor_id, self.item_key, self.pack_key = vendor_id, item_key, pack_key
        super().__init__(
            f"vendor {vendor_id} of this user has nothing mapped under {item_key!r}, pack {pack_key!r}: take the keys of a case"
        )


class LineNotBooked(InvoicedbError):
    """The invoice has no such line, or it failed, or is for no goods: no item stands behind it."""

    error_type = ErrorType.INVALID_INVOICE

    def __init__(self, *, invoice_id: UUID, line_number: int) -> None:
        self.invoice_id, self.line_number = invoice_id, line_number
        super().__init__(f"line {line_number} of invoice {invoice_id} has no item: give the number of a booked line of goods")


class DecisionConflict(InvoicedbError):
    """A match is no longer what the person saw who decides about it. The attributes are its state now; nothing was written."""

    error_type = ErrorType.CONFLICT

    def __init__(
        self,
        *,
        item_id: UUID,
        item_name: str,
        review_state: str,
        pending_descriptions: Sequence[str],
        decided_by: str | None,
        decided_at: datetime | None,
    ) -> None:
        self.item_id, self.item_name, self.review_state = item_id, item_name, review_state
        self.pending_descriptions = tuple(pending_descriptions)
        self.decided_by, self.decided_at = decided_by, decided_at
        waiting = "".join(f", {each!r} waits for a look" for each in self.pending_descriptions)
        by = (
            ""
            if decided_at is None
            else f", decided{f' by {decided_by}' if decided_by else ''} at {decided_at:%Y-%m-%d %H:%M:%S %Z}"
        )
        super().__init__(
            f"the match is not what it was: it is {item_name!r} ({item_id}), {review_state}{by}{waiting}; "
            "look at it again, then decide"
        )


# ---- the catalog by hand ---------------------------------------------------------------------------


class InvalidCatalog(InvoicedbError):
    """What is to be imported is no list of rows. Nothing was written."""

    error_type = ErrorType.INVALID_CATALOG

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no catalog: {reason}")


class BaseUnitFixed(InvoicedbError):
    """An item's base unit can't be changed without guessing. `reason` says why, and what to do. Nothing was written."""

    error_type = ErrorType.CONFLICT

    def __init__(self, *, item_id: UUID, name: str, base_unit: str, wanted: str, reason: str) -> None:
        self.item_id, self.name, self.base_unit, self.wanted, self.reason = item_id, name, base_unit, wanted, reason
        super().__init__(f"{name!r} ({item_id}) stays in {base_unit}, not {wanted}: {reason}")


class NotConfirmed(InvoicedbError):
    """A tenant is deleted by whoever types that it is meant. `wanted` is the text."""

    error_type = ErrorType.NOT_CONFIRMED

    def __init__(self, *, user_id: UUID, wanted: str) -> None:
        self.user_id, self.wanted = user_id, wanted
        super().__init__(f"nothing is deleted: all of {user_id} would be gone for ever; if that is meant, confirm {wanted!r}")


# ---- a tenant's own rules --------------------------------------------------------------------------


class InvalidRule(InvoicedbError):
    """What a tenant is to decide by can't be taken. `reason` says what is wrong."""

    error_type = ErrorType.INVALID_RULE

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class InvalidAbbreviation(InvalidRule):
    """An abbreviation that can't be one."""

    def __init__(self, *, abbreviation: str, expansion: str, reason: str) -> None:
        self.abbreviation, self.expansion = abbreviation, expansion
        super().__init__(reason=f"{abbreviation!r} can't stand for {expansion!r}: {reason}")


class InvalidConversion(InvalidRule):
    """What is said of an item's units is no conversion. `said` is what was said."""

    def __init__(self, *, said: str, reason: str) -> None:
        self.said = said
        super().__init__(reason=f"{said!r} is no conversion: {reason}")


# ---- the database --------------------------------------------------------------------------------


class DatabaseError(InvoicedbError):
    """Something about the server or the way to it. Calling again is safe: an invoice is booked once."""

    error_type = ErrorType.DATABASE_UNAVAILABLE


class DatabaseUnreachable(DatabaseError):
    """No connection could be had. Nothing was sent."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"the database can't be reached: {reason}; check that it runs, and the connection string or PG* variables"
        )


class OutcomeUnknown(DatabaseError):
    """The connection was lost, and again on each retry. Whether the invoice was booked is unknown until it is sent again."""

    def __init__(self, *, attempts: int, reason: str) -> None:
        self.attempts, self.reason = attempts, reason
        super().__init__(
            f"connection lost {attempts} times ({reason}): send the same invoice again, it is booked once whatever happened"
        )


class Busy(DatabaseError):
    """Others kept the rows, the catalog moved under every plan, or the pool has no connection left. Nothing was written."""

    def __init__(self, *, attempts: int, reason: str) -> None:
        self.attempts, self.reason = attempts, reason
        super().__init__(f"given up after {attempts} attempts: {reason}; nothing was written, try again later")


class TimedOut(DatabaseError):
    """A statement took longer than `timeout=` allows, or somebody cancelled it. Nothing was written."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"stopped before the end: {reason}; nothing was written, allow a longer timeout= or try again later")


class SchemaOutdated(DatabaseError):
    """The database's tables are not those of this version."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the tables don't fit this version of invoicedb ({reason}): run db.migrate() or `invoicedb migrate`")


class MigrationFailed(DatabaseError):
    """The server refuses to make or change the tables, or they are of a newer version. Nothing was changed."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"can't migrate ({reason}); nothing was changed: migrate as a role that may create tables, by the newest invoicedb"
        )


class WrongTransaction(DatabaseError):
    """A connection that can't carry a booking: not in a transaction, in a failed one, or at another isolation level."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class RejectedInvoice(DatabaseError):
    """The database refuses the booking for a reason that is in no single line, such as a trigger of the user's own."""

    error_type = ErrorType.REJECTED_BY_DATABASE

    def __init__(self, *, sqlstate: str, constraint: str | None, reason: str) -> None:
        self.sqlstate, self.constraint, self.reason = sqlstate, constraint, reason
        super().__init__(f"the database refuses the invoice ({constraint or sqlstate}): {reason}; nothing was written")


# ---- warnings: facts beside a result, never raised -----------------------------------------------


class InvoiceWarning(InvoicedbError):
    """Something to look at; the invoice was booked all the same."""


class NearDuplicate(InvoiceWarning):
    """Another invoice of this vendor has the same date, total and number of lines."""

    def __init__(self, *, invoice_id: UUID, invoice_date: date, total: Decimal) -> None:
        self.invoice_id, self.invoice_date, self.total = invoice_id, invoice_date, total
        super().__init__(
            f"invoice {invoice_id} of this vendor has the same date {invoice_date}, total {total} and number of lines"
        )


class SimilarItem(InvoiceWarning):
    """A new item was created for a line, though one with nearly the same name is there. `item_id` is the one there."""

    def __init__(self, *, line_number: int, item_id: UUID, name: str) -> None:
        self.line_number, self.item_id, self.name = line_number, item_id, name
        super().__init__(f"line {line_number}: a new item was created beside {name!r} ({item_id}), which is nearly the same")


class TotalDiffers(InvoiceWarning):
    """A line's given total is not quantity times unit price; the given total was booked."""

    def __init__(self, *, line_number: int, given: Decimal, computed: Decimal) -> None:
        self.line_number, self.given, self.computed = line_number, given, computed
        super().__init__(f"line {line_number}: total {given} was booked, quantity times unit price is {computed}")


class DocumentTotalDiffers(InvoiceWarning):
    """The lines, charges, allowances and tax do not add up to the total that the document gives."""

    def __init__(self, *, given: Decimal, computed: Decimal) -> None:
        self.given, self.computed = given, computed
        super().__init__(f"the document's total is {given}, its lines, charges, allowances and tax make {computed}")


class TotalNotCompared(InvoiceWarning):
    """The document gives a total of `given`, but of the lines in `line_numbers`, which failed, nobody knows what they make."""

    def __init__(self, *, given: Decimal, line_numbers: Sequence[int]) -> None:
        self.given, self.line_numbers = given, tuple(line_numbers)
        named = ", ".join(map(str, self.line_numbers[:5]))
        super().__init__(
            f"the document's total of {given} was not compared with its lines, as line {named} failed: it is when the document "
            "is sent again with its lines mended"
        )


class CorrectedInvoiceUnknown(InvoiceWarning):
    """A credit memo names an invoice that is not booked here, or is voided: it was booked as one that stands alone."""

    def __init__(self, *, corrects: str) -> None:
        self.corrects = corrects
        super().__init__(
            f"no invoice {corrects!r} of this vendor stands in the memo's currency: the credit memo was booked as one that "
            "names none; if its invoice is booked later, void the memo and send it again"
        )


class PriceNotCorrected(InvoiceWarning):
    """A price correction changed what the goods cost, and no price: see the message."""

    def __init__(self, *, line_number: int) -> None:
        self.line_number = line_number
        super().__init__(
            f"line {line_number}: the cost was corrected, but no price: the vendor's last price before the memo is not that of "
            "the invoice, or is less than the correction, or there is none; give corrected_price to say it"
        )


class SharesOfSome(InvoiceWarning):
    """Freight and discounts were spread over the lines that could be read; `line_numbers` are those that could not."""

    def __init__(self, *, line_numbers: Sequence[int]) -> None:
        self.line_numbers = tuple(line_numbers)
        named = ", ".join(map(str, self.line_numbers[:5]))
        super().__init__(
            f"freight and discounts were spread without line {named}: what is mended later has no share, or one of its own; "
            "to spread all of it, void and send the mended document"
        )


class ReturnedMoreThanBought(InvoiceWarning):
    """More of an item went back than was bought. `excess` in `base_unit`; `of_invoice`: than that invoice had of it."""

    def __init__(self, *, item_id: UUID, item_name: str, excess: Decimal, base_unit: str, of_invoice: UUID | None) -> None:
        self.item_id, self.item_name, self.excess = item_id, item_name, excess
        self.base_unit, self.of_invoice = base_unit, of_invoice
        than = "are in stock" if of_invoice is None else f"invoice {of_invoice} has"
        super().__init__(f"{excess} {base_unit} more of {item_name!r} went back than {than}")


class UnknownField(InvoiceWarning):
    """A key that invoicedb does not read."""

    def __init__(self, *, field: str, meant: str | None) -> None:
        self.field, self.meant = field, meant
        super().__init__(f"{field} is not read" + (f": did you mean {meant}?" if meant else ""))


class NoInvoiceNumber(InvoiceWarning):
    """The invoice has no number: only its content tells it from another one."""

    def __init__(self) -> None:
        super().__init__("no invoice number: the same goods sent again with any other content would be booked twice")


class PlaceholderNumber(InvoiceWarning):
    """An item number that says there is none, such as #N/A: the line goes by its description."""

    def __init__(self, *, line_number: int, text: str) -> None:
        self.line_number, self.text = line_number, text
        super().__init__(f"line {line_number}: item number {text!r} is taken for none, the description decides")


class FarDate(InvoiceWarning):
    """An invoice date more than 31 days ahead."""

    def __init__(self, *, invoice_date: date) -> None:
        self.invoice_date = invoice_date
        super().__init__(f"invoice date {invoice_date} is more than 31 days ahead")

"""Whatever is done in whatever order, the numbers are those of booking what stands, in its order, by what holds now.

Two tenants that share the senders' ids, three vendors, few numbers, names, days and packs, so that they meet. Each tenant is
replayed into a new one by the sequential reference, under the same ids: items, vendors and mappings as they stand now, with no
stock and no prices, opening stock as it was imported, unless it was taken back; then every document that is not voided, in its
vendor's posting order. A line that is failed now is sent as one that fails.

What differs by right: what a credit memo looks up in earlier documents (what its returns cost, a corrected price that it does
not say) it looks up once, when it is booked; the replay takes it from the line. So it does with what a pack held of which the
conversions were changed since, and with opening stock that a merge has told in another unit: a change counts for what comes
after it. A line's share of freight and discounts is that of the document, and of the policy, that the line came with. Whether
goods that go back are refused says the stock of that moment: the history asks a preview, and the replay refuses nothing. Not
compared are posting sequences (the same order, without the voids and corrections in between), match methods, sendings, and
which movements a sum is made of.

INVOICEDB_EXAMPLES says how many histories are tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

import invoicedb
from invoicedb import (
    ExcessReturns,
    InvalidConversion,
    InvoiceConflict,
    InvoiceProcessor,
    InvoiceRefused,
    InvoiceVoided,
    ItemMerged,
    ItemNotFound,
    LineNotFailed,
    SameItem,
    UnitMismatch,
)
from invoicedb.models import Invoice, Line, Policy
from invoicedb.results import InvoiceResult
from invoicedb.sequential.booking import Booking
from invoicedb.sequential.catalog import Catalog, Mapped
from invoicedb.sequential.statements import Statements
from tests.histories import CHANGES, FIRST, NAMES, PACKS, POLICIES, STEPS, Nothing, Tenant, World
from tests.operations.test_oracle import copied

EXAMPLES = int(os.environ.get("INVOICEDB_EXAMPLES", "30"))
FAILS = {"quantity": "?", "line_total": "?"}

# ---- what is derived ---------------------------------------------------------------------------------------------------------

DERIVED = {
    "stock": """
        SELECT id, name, current_quantity, last_purchase_price, last_base_unit_price, last_purchase_date, last_vendor_id,
               last_invoice_id, last_line_number
          FROM inventory_items WHERE user_id = %(user_id)s AND merged_into_id IS NULL""",
    "merged": """
        SELECT id, current_quantity, last_purchase_price FROM inventory_items
         WHERE user_id = %(user_id)s AND merged_into_id IS NOT NULL
           AND (current_quantity <> 0 OR last_purchase_price IS NOT NULL)""",
    "movements": """
        SELECT inventory_item_id, transaction_date, sum(quantity_change) AS quantity, sum(total_cost) AS cost
          FROM inventory_transactions WHERE user_id = %(user_id)s GROUP BY 1, 2
        HAVING sum(quantity_change) <> 0 OR sum(total_cost) <> 0""",
    "prices": """
        SELECT inventory_item_id, vendor_id, invoice_id, line_number, invoice_date, unit_price, base_quantity, base_unit_price,
               currency, previous_price, price_change_percent, is_price_increase
          FROM price_history WHERE user_id = %(user_id)s AND voided_at IS NULL""",
    "totals": """
        SELECT id, replace(status, 'partial_success', 'success'), total, line_count FROM invoices
         WHERE user_id = %(user_id)s AND voided_at IS NULL AND document_type IN ('invoice', 'credit_memo')""",
}


def derived(world: World, user_id: UUID) -> dict[str, list[str]]:
    """All that follows from the documents, and nothing that says how it came about."""
    found: dict[str, list[str]] = {
        name: sorted(
            str({column: plain(value) for column, value in row.items()}) for row in world.rows(statement, user_id=user_id)
        )
        for name, statement in DERIVED.items()
    }
    found["value"] = [fields_of(each) for each in world.database.valuation(user_id)]
    found["purchases"] = [fields_of(each) for each in world.database.purchases(user_id)]
    return found


def fields_of(value: Any) -> str:
    return str({each.name: plain(getattr(value, each.name)) for each in fields(value)})


def plain(value: Any) -> Any:
    return str(value.normalize()) if hasattr(value, "normalize") else str(value)


# ---- the replay --------------------------------------------------------------------------------------------------------------

COPIED = """
INSERT INTO vendors SELECT (jsonb_populate_record(vendor, jsonb_build_object('user_id', %(to)s::uuid, 'posting_sequence', 0))).*
  FROM vendors AS vendor WHERE user_id = %(user_id)s;
INSERT INTO inventory_items
SELECT (jsonb_populate_record(item, jsonb_build_object(
         'user_id', %(to)s::uuid, 'current_quantity', 0, 'last_purchase_price', NULL, 'last_base_unit_price', NULL,
         'last_purchase_date', NULL, 'last_vendor_id', NULL, 'last_posting_sequence', NULL, 'last_invoice_id', NULL,
         'last_line_number', NULL))).*
  FROM inventory_items AS item WHERE user_id = %(user_id)s AND merged_into_id IS NULL;
INSERT INTO vendor_item_mappings SELECT (jsonb_populate_record(mapping, jsonb_build_object('user_id', %(to)s::uuid))).*
  FROM vendor_item_mappings AS mapping WHERE user_id = %(user_id)s;
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
WITH RECURSIVE now AS (
  SELECT id, id AS now_id, merged_into_id, base_unit, base_unit AS first_unit FROM inventory_items WHERE user_id = %(user_id)s
   UNION ALL
  SELECT now.id, item.id, item.merged_into_id, item.base_unit, now.first_unit
    FROM now JOIN inventory_items AS item ON item.id = now.merged_into_id AND item.user_id = %(user_id)s)
SELECT %(to)s, opening.reference_id, row_number() OVER (), now.now_id, 'adjustment', 'correction',
       CASE WHEN %(is_retold)s THEN standing.quantity_change
            WHEN now.base_unit = now.first_unit THEN opening.quantity_change
            WHEN now.base_unit = 'g' THEN opening.quantity_change * 125
            ELSE opening.quantity_change / 125 END,
       0, opening.total_cost, opening.transaction_date
  FROM inventory_transactions AS opening JOIN now ON now.id = opening.inventory_item_id AND now.merged_into_id IS NULL
  LEFT JOIN inventory_transactions AS standing
    ON standing.user_id = opening.user_id AND coalesce(standing.of_invoice_id, standing.reference_id) = opening.reference_id
       AND coalesce(standing.of_line_number, standing.line_number) = opening.line_number
       AND standing.transaction_type = 'adjustment'
       AND NOT EXISTS (SELECT FROM inventory_transactions AS reversal
                        WHERE reversal.user_id = standing.user_id AND reversal.reverses_reference_id = standing.reference_id
                          AND reversal.reverses_line_number = standing.line_number)
 WHERE opening.user_id = %(user_id)s AND opening.reference_type = 'opening'
   AND opening.reference_id || ':' || opening.line_number <> ALL (%(taken_back)s::text[]);
UPDATE inventory_items AS item SET current_quantity = opened.quantity
  FROM (SELECT inventory_item_id, sum(quantity_change) AS quantity FROM inventory_transactions
         WHERE user_id = %(to)s GROUP BY 1) AS opened
 WHERE item.user_id = %(to)s AND item.id = opened.inventory_item_id
"""
STANDING = """
SELECT id, posting_sequence FROM invoices
 WHERE user_id = %(user_id)s AND document_type IN ('invoice', 'credit_memo') AND voided_at IS NULL ORDER BY created_at
"""
LINES_OF = "SELECT * FROM invoice_lines WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s ORDER BY line_number"


class AsLookedUp(Booking):
    """What a credit memo looked up when it was booked stays so: it is told by the line that it left."""

    stored: dict[int, dict[str, Any]]

    def cost(self, line: Line, mapped: Mapped) -> Decimal:
        return Decimal(self.stored[line.line_number]["cost_total"]) if line.went_back else super().cost(line, mapped)

    def corrected_price(self, line: Line, mapped: Mapped) -> Decimal | None:
        found: Decimal | None = self.stored[line.line_number]["corrected_price"]
        return found


class PacksAsBooked(Catalog):
    """What a pack held when its line was booked, where it has been told otherwise since."""

    booking: AsLookedUp
    retold: Collection[tuple[UUID | None, str, str]]

    def mapped(self, line: Line) -> Mapped:
        mapped = super().mapped(line)
        if (self.booking.vendor_id, line.item_key, line.pack_key) not in self.retold:
            return mapped
        return replace(mapped, base_quantity=self.booking.stored[line.line_number]["base_quantity"])


@dataclass
class Reference(InvoiceProcessor):
    """The sequential reference, for documents of a tenant whose lines are in `stored` as they were left."""

    tenant: Tenant
    stored: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.tenant.world.connection)

    def _book(self, invoice: Invoice, statements: Statements) -> InvoiceResult:
        lines = tuple(replace(line, share=self.tenant.shares[invoice.invoice_id, line.line_number]) for line in invoice.lines)
        booking = AsLookedUp(statements, Policy(), uuid_for, replace(invoice, lines=lines), {})
        booking.stored = self.stored
        booking.catalog = packs = PacksAsBooked(booking.ask, booking.policy, booking.new_item_id)
        packs.booking, packs.retold = booking, self.tenant.retold
        with self.tenant.world.connection.transaction():
            return booking.run()


def uuid_for(_: str) -> UUID:
    return uuid4()


def replayed(tenant: Tenant) -> UUID:
    """A new tenant: every header in the order in which they came, then the booked lines of each in its posting order."""
    world, to = tenant.world, uuid4()
    with world.connection.transaction():
        for statement in COPIED.split(";"):
            asked = {"user_id": tenant.user_id, "to": to, "taken_back": [*tenant.taken_back], "is_retold": tenant.is_retold}
            world.connection.execute(statement.encode(), asked)
    standing = world.rows(STANDING, user_id=tenant.user_id)
    for row in standing:
        Reference(tenant).process_invoice(to, again(tenant.sent[row["id"]], {}), row["id"])
    for row in sorted(standing, key=lambda row: row["posting_sequence"] or 0):
        stored = {line["line_number"]: line for line in world.rows(LINES_OF, user_id=tenant.user_id, invoice_id=row["id"])}
        Reference(tenant, stored).process_invoice(to, again(tenant.sent[row["id"]], stored), row["id"])
    return to


def again(sent: dict[str, Any], stored: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """The document as it was sent, its charges as lines, and of its lines those as good ones that are booked."""
    head = {name: value for name, value in sent["invoice"].items() if name != "charges"}
    charges = [{"kind": "charge", "line_total": each["amount"]} for each in sent["invoice"].get("charges") or ()]
    numbered = [
        *sent["line_items"],
        *({"line_number": len(sent["line_items"]) + place, **each} for place, each in enumerate(charges, 1)),
    ]
    good = {number for number, line in stored.items() if line["error_type"] is None}
    return {"invoice": head, "line_items": [line if line["line_number"] in good else line | FAILS for line in numbered]}


def require_right(tenant: Tenant) -> None:
    world = tenant.world
    assert [*world.database.verify(tenant.user_id)] == []
    to = replayed(tenant)
    now, then = derived(world, tenant.user_id), derived(world, to)
    assert [*world.database.verify(to)] == []
    world.database.delete_tenant(to, confirm=f"delete {to}")
    for name, rows in now.items():
        assert rows == then[name], name


# ---- whatever is done --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(server_dsn: str, template_dsn: str) -> Iterator[World]:
    with (
        copied(server_dsn) as dsn,
        psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection,
        ExitStack() as opened,
    ):
        databases = {each: opened.enter_context(invoicedb.connect(dsn, pool_size=1, policy=each)) for each in POLICIES}
        for database in databases.values():
            database._pool.wait()
        yield World(databases, connection)


BOUNDED = settings(max_examples=EXAMPLES, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])


@BOUNDED
@given(
    st.lists(FIRST, min_size=3, max_size=5), st.lists(st.tuples(st.sampled_from((0, 0, 0, 1)), STEPS), min_size=8, max_size=13)
)
def test_whatever_is_done_leaves_what_the_sequential_reference_leaves(
    world: World, first: list[tuple[Any, ...]], steps: list[tuple[int, tuple[Any, ...]]]
) -> None:
    tenants = (Tenant(world), Tenant(world))
    for whose, step in [*((whose, step) for step in first for whose in (0, 1)), *steps]:
        tenants[whose].do(*step)
        assert [*world.database.verify(tenants[whose].user_id)] == []
    for tenant in tenants:
        require_right(tenant)
        world.database.delete_tenant(tenant.user_id, confirm=f"delete {tenant.user_id}")


# ---- and undone --------------------------------------------------------------------------------------------------------------


def undone_book(tenant: Tenant, *step: Any) -> None:
    tenant.world.database.void(tenant.user_id, tenant.book(*step))


def undone_credit(tenant: Tenant, *step: Any) -> None:
    tenant.world.database.void(tenant.user_id, tenant.credit(*step))


def undone_merge(tenant: Tenant, one: int, other: int) -> None:
    """Also where something was booked to the one item in between, and voided."""
    item_id = tenant.item(one)
    if tenant.world.database.merge_item(tenant.user_id, item_id, tenant.item(other)).replayed:
        raise Nothing
    line = {"item_number": "1", "description": NAMES[0], "quantity": "2", "unit_price": "29", "pack_size": PACKS[0]}
    with suppress(InvoiceRefused):
        undone_book(tenant, {"vendor_name": "Sysco", "invoice_date": "2026-03-02"}, [line], False)
    tenant.world.database.unmerge_item(tenant.user_id, item_id)


def case_as_booked(tenant: Tenant, place: int) -> Any:
    """A case whose lines are booked as what their pack holds now: what is decided is booked anew, and so are they."""
    case = tenant.case(place)
    if (case.vendor_id, case.item_key, case.pack_key) in tenant.retold:
        raise Nothing
    return case


def undone_reassign(tenant: Tenant, place: int, item: int) -> None:
    case = case_as_booked(tenant, place)
    done = tenant.world.database.reassign(tenant.user_id, case, tenant.item(item))
    tenant.world.database.reassign(tenant.user_id, done.case, case.inventory_item_id)


def undone_reject(tenant: Tenant, place: int) -> None:
    case = case_as_booked(tenant, place)
    done = tenant.world.database.reject(tenant.user_id, case)
    tenant.world.database.reassign(tenant.user_id, done.case, case.inventory_item_id)


def undone_dismiss(tenant: Tenant, place: int, line_number: int) -> None:
    tenant.dismiss(place, line_number)
    tenant.undismiss(place, line_number)


def undone_set_conversions(tenant: Tenant, place: int, grams: str | None) -> None:
    item_id = tenant.item(place)
    [found] = tenant.world.rows(
        "SELECT conversions FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s",
        user_id=tenant.user_id,
        item_id=item_id,
    )
    tenant.set_conversions(place, grams)
    assert tenant.database.set_conversions(tenant.user_id, item_id, found["conversions"]) == found["conversions"]


def undone_take_over(tenant: Tenant, name: str, opening: dict[str, str] | None) -> None:
    """An import that opens an item, where nothing else would be taken back with it."""
    before = tenant.openings()
    tenant.take_over(name, opening)
    opened = {opening: item_id for opening, item_id in tenant.openings().items() if opening not in before}
    if not opened or set(opened.values()) & set(before.values()):
        raise Nothing
    for item_id in opened.values():
        assert not tenant.world.database.take_back_opening(tenant.user_id, item_id).replayed
    tenant.taken_back |= set(opened)


def undone_take_back(tenant: Tenant, place: int) -> None:
    """Undone by an import that says what was taken back."""
    item_id, database = next(iter(tenant.openings().values()), tenant.item(place)), tenant.world.database
    opened = {opening for opening, of_item in tenant.openings().items() if of_item == item_id}
    if len(opened) != 1:
        raise Nothing
    done = database.take_back_opening(tenant.user_id, item_id)
    tenant.taken_back |= opened
    [moved] = done.movements
    [day] = [
        str(each.transaction_date)
        for each in database.explain(tenant.user_id, item_id).movements
        if each.reference_id == done.correction_id
    ]
    said = {"opening_quantity": str(-moved.quantity_change), "opening_unit": moved.base_unit, "opening_date": day}
    row = {"item_id": str(item_id), "name": moved.item_name, "opening_value": str(-moved.total_cost), **said}
    assert not database.import_catalog(tenant.user_id, [row]).failed


UNDONE: dict[str, Callable[..., None]] = {
    "book": undone_book,
    "credit": undone_credit,
    "merge": undone_merge,
    "reassign": undone_reassign,
    "reject": undone_reject,
    "dismiss": undone_dismiss,
    "set_conversions": undone_set_conversions,
    "take_over": undone_take_over,
    "take_back": undone_take_back,
}
REFUSED = (
    Nothing,
    ExcessReturns,
    InvalidConversion,
    InvoiceConflict,
    InvoiceVoided,
    ItemMerged,
    ItemNotFound,
    LineNotFailed,
    SameItem,
    UnitMismatch,
)
UNDOINGS = st.sampled_from(sorted(UNDONE)).flatmap(lambda what: st.tuples(st.just(what), *CHANGES[what][1]))


def of_items_in_use(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without the items that a document has made that is no more."""
    never = (
        "'current_quantity': '0', 'last_purchase_price': 'None'",
        "'current_quantity': '0', 'last_base_unit_price': 'None'",
    )
    return {name: [row for row in rows if not any(each in row for each in never)] for name, rows in found.items()}


@BOUNDED
@given(
    st.lists(FIRST, min_size=3, max_size=5), st.lists(STEPS, min_size=2, max_size=6), st.lists(UNDOINGS, min_size=3, max_size=6)
)
def test_whatever_is_done_and_undone_leaves_what_was_there(
    world: World, first: list[tuple[Any, ...]], steps: list[tuple[Any, ...]], undoings: list[tuple[Any, ...]]
) -> None:
    tenant = Tenant(world)
    for step in first + steps:
        tenant.do(*step)
    for what, *asked in undoings:
        before = of_items_in_use(derived(world, tenant.user_id))
        try:
            UNDONE[what](tenant, *asked)
        except REFUSED:
            continue
        assert of_items_in_use(derived(world, tenant.user_id)) == before, what
        assert [*world.database.verify(tenant.user_id)] == []
    world.database.delete_tenant(tenant.user_id, confirm=f"delete {tenant.user_id}")

"""Histories of a tenant: all that can be done to it, drawn at random, few values of each kind, so that they meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
from hypothesis import strategies as st

from invoicedb import (
    Database,
    ExcessReturns,
    InvoicedbError,
    InvoiceResult,
    MatchingPolicy,
    Policy,
    ReturnedMoreThanBought,
)
from invoicedb.domain.document import read_invoice
from invoicedb.errors import DatabaseError

SHARED = UUID(int=7)
VENDORS = ("Sysco", "Metro", "Third")
NAMES = ("GROUND BEEF 80/20", "NAPKIN WHITE 2PLY", "TOMATO DICED", "BEEF GROUND 80/20 FRESH")
PACKS = ("6/5 LB", "10 KG", "12 CT", None, "5 LB")

# ---- what is done ------------------------------------------------------------------------------------------------------------

PLACES_LAST = 5
PLACES = st.integers(0, PLACES_LAST)
GOODS = {
    "item_number": st.sampled_from(("1", "2", "3", None)),
    "description": st.sampled_from(NAMES),
    "pack_size": st.sampled_from(PACKS),
    "unit_price": st.sampled_from(("30", "31.5", "0", "33")),
}
LINES = st.fixed_dictionaries(GOODS | {"quantity": st.sampled_from(("1", "2.5", "3", "-1", "?"))}) | st.sampled_from(
    [{"kind": "freight", "line_total": "4"}, {"kind": "discount", "line_total": "-2"}]
)
CREDITED = st.one_of(
    st.fixed_dictionaries(GOODS | {"quantity": st.sampled_from(("1", "2", "?"))}),
    st.fixed_dictionaries(
        GOODS
        | {
            "quantity": st.just("1"),
            "unit_price": st.sampled_from(("1", "31")),
            "kind": st.just("price_correction"),
            "corrected_price": st.sampled_from((None, None, "28")),
        }
    ),
    st.just({"kind": "rebate", "line_total": "5"}),
)
HEADS = st.fixed_dictionaries(
    {
        "vendor_name": st.sampled_from(VENDORS),
        "invoice_date": st.sampled_from(("2026-03-01", "2026-03-02", "2026-03-05")),
        "currency": st.sampled_from((None, "USD")),
        "charges": st.sampled_from((None, None, [{"amount": "3"}])),
    }
)
OPENED = {"opening_quantity": "250", "opening_unit": "each", "opening_value": "100"}
OPENING = st.sampled_from((None, OPENED, OPENED | {"opening_quantity": "125"}))
POLICIES = (
    Policy(),
    Policy(spread="value"),
    Policy(spread="quantity", excess_returns="refuse"),
    Policy(spread="value", excess_returns="refuse"),
)
LINE_LISTS = st.lists(LINES, min_size=1, max_size=4)
CHANGES: dict[str, tuple[int, tuple[st.SearchStrategy[Any], ...]]] = {
    "book": (14, (HEADS, LINE_LISTS, st.booleans())),
    "credit": (8, (HEADS, st.lists(CREDITED, min_size=1, max_size=3), st.none() | PLACES)),
    "mend": (4, (PLACES, LINES)),
    "void": (4, (PLACES,)),
    "replace": (3, (PLACES, LINE_LISTS, st.booleans())),
    "resend": (1, (PLACES,)),
    "retry": (3, (PLACES,)),
    "dismiss": (2, (PLACES, st.integers(1, 4))),
    "undismiss": (1, (PLACES, st.integers(1, 4))),
    "reassign": (6, (PLACES, PLACES)),
    "approve": (2, (PLACES,)),
    "reject": (3, (PLACES,)),
    "merge": (7, (PLACES, PLACES)),
    "unmerge": (5, (PLACES,)),
    "take_over": (5, (st.sampled_from((*NAMES, "EGGS")), OPENING)),
    "take_back": (3, (PLACES,)),
    "rename": (1, (PLACES, st.sampled_from((*NAMES, "EGGS")))),
    "set_conversions": (6, (PLACES, st.sampled_from((None, "125", "250", "250")))),
    "connect": (5, (st.sampled_from(POLICIES),)),
    "set_policy": (2, (st.sampled_from(("never_create", "review_everything", "")),)),
    "abbreviate": (1, (st.sampled_from((("BEEF", "TOMATO"), ("NAPKIN", "EGGS"))),)),
    "delete": (1, ()),
}
"""What may be done, how often, and to what."""

WEIGHTED = [what for what, (weight, _) in CHANGES.items() for _ in range(weight)]
STEPS = st.sampled_from(WEIGHTED).flatmap(lambda what: st.tuples(st.just(what), *CHANGES[what][1]))
BEGUN = ("book", "connect", "book", "take_over", "book", "credit")
FIRST = st.sampled_from(BEGUN).flatmap(lambda what: st.tuples(st.just(what), *CHANGES[what][1]))


OPENINGS = """
SELECT reference_id || ':' || line_number AS opening, inventory_item_id
  FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_type = 'opening'
"""


@dataclass
class World:
    """A database, by the policy that it is connected to with, and what is asked of it without invoicedb."""

    databases: Mapping[Policy, Database]
    connection: psycopg.Connection[dict[str, Any]]

    @property
    def database(self) -> Database:
        return self.databases[Policy()]

    def rows(self, statement: str, **asked: object) -> list[dict[str, Any]]:
        return self.connection.execute(statement.encode(), asked).fetchall()


@dataclass
class Tenant:
    """A tenant, every document as it was sent last, and what can't be told from these alone.

    `shares`: of freight and discounts in a line, fixed when the document was read that the line came with. `taken_back`: which
    opening stock, by import and row. `retold`: mappings of which a pack has held something else before; `is_retold`: whether
    any item was told in other units than at first.
    """

    world: World
    user_id: UUID = field(default_factory=uuid4)
    sent: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    shares: dict[tuple[UUID, int], Decimal] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)
    retold: set[tuple[UUID, str, str]] = field(default_factory=set)
    is_retold: bool = False
    policy: Policy = POLICIES[0]
    count: int = 0

    def __post_init__(self) -> None:
        self.open()

    @property
    def database(self) -> Database:
        return self.world.databases[self.policy]

    def connect(self, policy: Policy) -> None:
        """Whatever comes now comes from somebody who has connected with this policy."""
        self.policy = policy

    def open(self) -> None:
        """With an item in g and one in each, that can be told in the other's unit."""
        units = zip(NAMES, ("g", "each"), ({"each": "125 g"}, {"g": "1/125"}), strict=False)
        made = [{"name": name, "base_unit": unit, "conversions": said} for name, unit, said in units]
        assert not self.database.import_catalog(self.user_id, made).failed

    def do(self, what: str, *step: Any) -> None:
        """What is refused is refused; the database has no part in that."""
        try:
            getattr(self, what)(*step)
        except DatabaseError:
            raise
        except InvoicedbError:
            return

    # ---- documents ----

    def document(self, head: dict[str, Any], lines: list[Any], **besides: Any) -> dict[str, Any]:
        self.count += 1
        numbered = [{"line_number": number, **line} for number, line in enumerate(lines, 1)]
        return {"invoice": {**head, "invoice_number": f"N{self.count}", **besides}, "line_items": numbered}

    def send(self, document: dict[str, Any], invoice_id: UUID | None = None) -> UUID:
        booked = self.booked()
        try:
            done = self.database.process_invoice(self.user_id, document, invoice_id)
        except ExcessReturns as refused:
            shown = self.world.database.preview(self.user_id, document, invoice_id)
            assert [*map(str, refused.returns)] == [*map(str, excess_in(shown))]
            raise
        assert self.policy.excess_returns == "warn" or not excess_in(done)
        self.keep(document, done, booked)
        return done.invoice_id

    def booked(self) -> set[tuple[UUID, int]]:
        """The lines that are booked: what is sent again changes nothing of them."""
        found = self.world.rows(
            "SELECT invoice_id, line_number FROM invoice_lines WHERE user_id = %(user_id)s AND error_type IS NULL",
            user_id=self.user_id,
        )
        return {(each["invoice_id"], each["line_number"]) for each in found}

    def keep(self, document: dict[str, Any], done: InvoiceResult, booked: set[tuple[UUID, int]]) -> None:
        self.sent[done.invoice_id] = document
        if not done.replayed:
            read = read_invoice(self.user_id, document, None, policy=self.policy, today=done.invoice_date)
            shares = {(done.invoice_id, line.line_number): line.share for line in read.lines}
            self.shares |= {line: share for line, share in shares.items() if line not in booked}

    def one(self, place: int) -> UUID:
        known = [*self.sent]
        if not known:
            raise Nothing
        return known[-1 - place % len(known)]

    def book(self, head: dict[str, Any], lines: list[Any], has_own_id: bool) -> UUID:
        return self.send(self.document(head, lines), uuid5(SHARED, str(self.count)) if has_own_id else None)

    def credit(self, head: dict[str, Any], lines: list[Any], place: int | None) -> UUID:
        memo: dict[str, Any] = {"document_type": "credit_memo"}
        if place is not None:
            corrected = self.one(place)
            memo |= {"corrects_id": str(corrected)} | {"vendor_name": self.sent[corrected]["invoice"]["vendor_name"]}
        return self.send(self.document(head, lines, **memo))

    def mend(self, place: int, line: dict[str, Any]) -> None:
        invoice_id = self.one(place)
        failed = {each.line_number for each in self.stored(invoice_id).lines if not each.is_booked}
        document = self.sent[invoice_id]
        mended = [
            line | {"line_number": each["line_number"]} if each["line_number"] in failed else each
            for each in document["line_items"]
        ]
        self.send({**document, "line_items": mended}, invoice_id)

    def stored(self, invoice_id: UUID) -> Any:
        return self.database.get_invoice(self.user_id, invoice_id)

    def resend(self, place: int) -> None:
        invoice_id = self.one(place)
        self.send(self.sent[invoice_id])

    def retry(self, place: int) -> None:
        self.database.retry_failed(self.user_id, self.one(place))

    def void(self, place: int) -> None:
        self.database.void(self.user_id, self.one(place))

    def replace(self, place: int, lines: list[Any], keeps_number: bool) -> None:
        invoice_id = self.one(place)
        head = self.sent[invoice_id]["invoice"]
        document = self.document(head, lines)
        if keeps_number:
            document["invoice"]["invoice_number"] = head["invoice_number"]
        booked = self.booked()
        self.keep(document, self.database.replace(self.user_id, invoice_id, document).invoice, booked)

    def dismiss(self, place: int, line_number: int) -> None:
        self.database.dismiss(self.user_id, self.one(place), line_number, reason="a coupon")

    def undismiss(self, place: int, line_number: int) -> None:
        self.database.undismiss(self.user_id, self.one(place), line_number)

    # ---- decisions ----

    def case(self, place: int) -> Any:
        found = self.world.rows(
            "SELECT vendor_id, item_key, pack_key FROM vendor_item_mappings WHERE user_id = %(user_id)s "
            "ORDER BY created_at, item_key, pack_key, vendor_id",
            user_id=self.user_id,
        )
        if not found:
            raise Nothing
        return self.database.find_mapping_case(self.user_id, *found[-1 - place % len(found)].values())

    def item(self, place: int) -> UUID:
        found = self.world.rows(
            "SELECT id FROM inventory_items WHERE user_id = %(user_id)s ORDER BY created_at, name, id", user_id=self.user_id
        )
        if not found:
            raise Nothing
        return UUID(str(found[place % len(found)]["id"]))

    def approve(self, place: int) -> None:
        self.database.approve(self.user_id, self.case(place))

    def reject(self, place: int) -> None:
        self.database.reject(self.user_id, self.case(place))

    def reassign(self, place: int, item: int) -> None:
        self.database.reassign(self.user_id, self.case(place), self.item(item))

    def merge(self, one: int, other: int) -> None:
        self.database.merge_item(self.user_id, self.item(one), self.item(other))

    def unmerge(self, one: int) -> None:
        merged = "SELECT id FROM inventory_items WHERE user_id = %(user_id)s AND merged_into_id IS NOT NULL "
        merged += "ORDER BY created_at, name, id"
        self.database.unmerge_item(self.user_id, self.among(self.world.rows(merged, user_id=self.user_id), one))

    def among(self, found: Sequence[Mapping[str, UUID]], place: int) -> UUID:
        """One of those that it can be done to; now and then one that it can't."""
        return found[place % len(found)]["id"] if found and place < PLACES_LAST else self.item(place)

    # ---- the catalog ----

    def rename(self, place: int, name: str) -> None:
        self.database.rename_item(self.user_id, self.item(place), name)

    def set_conversions(self, place: int, grams: str | None) -> None:
        """So many grams are one each, or nothing is said of it any more."""
        item_id, held = self.item(place), self.held()
        [item] = self.world.rows(
            "SELECT base_unit FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s",
            user_id=self.user_id,
            item_id=item_id,
        )
        said = {"each": f"{grams} g"} if item["base_unit"] == "g" else {"g": f"1/{grams}"}
        self.database.set_conversions(self.user_id, item_id, said if grams else {})
        self.is_retold = True
        self.retold |= {key for key, quantity in self.held().items() if quantity != held[key]}

    def held(self) -> dict[tuple[UUID, str, str], Decimal]:
        """What one pack holds, by each mapping."""
        found = self.world.rows("SELECT * FROM vendor_item_mappings WHERE user_id = %(user_id)s", user_id=self.user_id)
        return {(each["vendor_id"], each["item_key"], each["pack_key"]): each["base_quantity"] for each in found}

    def set_policy(self, rule: str) -> None:
        self.database.set_matching_policy(
            self.user_id, MatchingPolicy(never_create=rule == "never_create", review_everything=rule == "review_everything")
        )

    def abbreviate(self, said: tuple[str, str]) -> None:
        self.database.set_abbreviation(self.user_id, *said)

    def take_over(self, name: str, opening: dict[str, str] | None) -> None:
        row = {"name": name} | (opening or {"vendor_name": "Metro", "item_number": "1", "pack_size": "12 CT"})
        self.database.import_catalog(self.user_id, [row | ({"base_unit": "each"} if name == "EGGS" else {})])

    def take_back(self, place: int) -> None:
        item_id = self.among([{"id": each} for each in sorted({*self.openings().values()})], place)
        openings = {opening for opening, opened in self.openings().items() if opened == item_id}
        done = self.database.take_back_opening(self.user_id, item_id)
        assert len(done.movements) == len(openings) or done.replayed
        self.taken_back |= openings

    def openings(self) -> dict[str, UUID]:
        """What stands of opening stock, and on which item: the one that was opened, or what that is now."""
        merged = {
            each["id"]: each["merged_into_id"]
            for each in self.world.rows("SELECT * FROM inventory_items WHERE user_id = %(user_id)s", user_id=self.user_id)
        }
        openings = {}
        for each in self.world.rows(OPENINGS, user_id=self.user_id):
            item_id = each["inventory_item_id"]
            while merged[item_id] is not None:
                item_id = merged[item_id]
            openings[each["opening"]] = item_id
        return {opening: item_id for opening, item_id in openings.items() if opening not in self.taken_back}

    def delete(self) -> None:
        self.database.delete_tenant(self.user_id, confirm=f"delete {self.user_id}")
        for known in (self.sent, self.shares, self.taken_back, self.retold):
            known.clear()
        self.is_retold = False
        self.open()


def excess_in(done: InvoiceResult) -> list[ReturnedMoreThanBought]:
    return [each for each in done.warnings if isinstance(each, ReturnedMoreThanBought)]


class Nothing(InvoicedbError):
    """There is nothing yet that it could be done to."""

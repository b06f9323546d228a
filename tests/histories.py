"""Histories of a tenant: all that can be done to it, drawn at random, few values of each kind, so that they meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
from hypothesis import strategies as st

from invoicedb import Database, InvoicedbError, MatchingPolicy
from invoicedb.errors import DatabaseError

SHARED = UUID(int=7)
VENDORS = ("Sysco", "Metro", "Third")
NAMES = ("GROUND BEEF 80/20", "NAPKIN WHITE 2PLY", "TOMATO DICED", "BEEF GROUND 80/20 FRESH")
PACKS = ("6/5 LB", "10 KG", "12 CT", None, "5 LB")

# ---- what is done ------------------------------------------------------------------------------------------------------------

PLACES = st.integers(0, 5)
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
    "take_over": (3, (st.sampled_from((*NAMES, "EGGS")), OPENING)),
    "take_back": (3, (PLACES,)),
    "rename": (1, (PLACES, st.sampled_from((*NAMES, "EGGS")))),
    "set_policy": (2, (st.sampled_from(("never_create", "review_everything", "")),)),
    "abbreviate": (1, (st.sampled_from((("BEEF", "TOMATO"), ("NAPKIN", "EGGS"))),)),
    "delete": (1, ()),
}
"""What may be done, how often, and to what."""

WEIGHTED = [what for what, (weight, _) in CHANGES.items() for _ in range(weight)]
STEPS = st.sampled_from(WEIGHTED).flatmap(lambda what: st.tuples(st.just(what), *CHANGES[what][1]))
FIRST = st.sampled_from(("book", "book", "credit")).flatmap(lambda what: st.tuples(st.just(what), *CHANGES[what][1]))


OPENINGS = """
SELECT reference_id || ':' || line_number AS opening, inventory_item_id
  FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_type = 'opening'
"""


@dataclass
class World:
    """A database, and what is asked of it without invoicedb."""

    database: Database
    connection: psycopg.Connection[dict[str, Any]]

    def rows(self, statement: str, **asked: object) -> list[dict[str, Any]]:
        return self.connection.execute(statement.encode(), asked).fetchall()


@dataclass
class Tenant:
    """A tenant, every document as it was sent last, and which opening stock was taken back: import and row."""

    world: World
    user_id: UUID = field(default_factory=uuid4)
    sent: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """With an item in g and one in each, that can be told in the other's unit."""
        units = zip(NAMES, ("g", "each"), ({"each": "125 g"}, {"g": "1/125"}), strict=False)
        made = [{"name": name, "base_unit": unit, "conversions": said} for name, unit, said in units]
        assert not self.world.database.import_catalog(self.user_id, made).failed

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
        done = self.world.database.process_invoice(self.user_id, document, invoice_id).invoice_id
        self.sent[done] = document
        return done

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
        return self.world.database.get_invoice(self.user_id, invoice_id)

    def resend(self, place: int) -> None:
        invoice_id = self.one(place)
        self.send(self.sent[invoice_id])

    def retry(self, place: int) -> None:
        self.world.database.retry_failed(self.user_id, self.one(place))

    def void(self, place: int) -> None:
        self.world.database.void(self.user_id, self.one(place))

    def replace(self, place: int, lines: list[Any], keeps_number: bool) -> None:
        invoice_id = self.one(place)
        head = self.sent[invoice_id]["invoice"]
        document = self.document(head, lines)
        if keeps_number:
            document["invoice"]["invoice_number"] = head["invoice_number"]
        done = self.world.database.replace(self.user_id, invoice_id, document)
        self.sent[done.invoice.invoice_id] = document

    def dismiss(self, place: int, line_number: int) -> None:
        self.world.database.dismiss(self.user_id, self.one(place), line_number, reason="a coupon")

    def undismiss(self, place: int, line_number: int) -> None:
        self.world.database.undismiss(self.user_id, self.one(place), line_number)

    # ---- decisions ----

    def case(self, place: int) -> Any:
        found = self.world.rows(
            "SELECT vendor_id, item_key, pack_key FROM vendor_item_mappings WHERE user_id = %(user_id)s "
            "ORDER BY created_at, item_key, pack_key, vendor_id",
            user_id=self.user_id,
        )
        if not found:
            raise Nothing
        return self.world.database.find_mapping_case(self.user_id, *found[-1 - place % len(found)].values())

    def item(self, place: int) -> UUID:
        found = self.world.rows(
            "SELECT id FROM inventory_items WHERE user_id = %(user_id)s ORDER BY created_at, id", user_id=self.user_id
        )
        if not found:
            raise Nothing
        return UUID(str(found[place % len(found)]["id"]))

    def approve(self, place: int) -> None:
        self.world.database.approve(self.user_id, self.case(place))

    def reject(self, place: int) -> None:
        self.world.database.reject(self.user_id, self.case(place))

    def reassign(self, place: int, item: int) -> None:
        self.world.database.reassign(self.user_id, self.case(place), self.item(item))

    def merge(self, one: int, other: int) -> None:
        self.world.database.merge_item(self.user_id, self.item(one), self.item(other))

    def unmerge(self, one: int) -> None:
        self.world.database.unmerge_item(self.user_id, self.item(one))

    # ---- the catalog ----

    def rename(self, place: int, name: str) -> None:
        self.world.database.rename_item(self.user_id, self.item(place), name)

    def set_policy(self, rule: str) -> None:
        self.world.database.set_matching_policy(
            self.user_id, MatchingPolicy(never_create=rule == "never_create", review_everything=rule == "review_everything")
        )

    def abbreviate(self, said: tuple[str, str]) -> None:
        self.world.database.set_abbreviation(self.user_id, *said)

    def take_over(self, name: str, opening: dict[str, str] | None) -> None:
        row = {"name": name, "vendor_name": "Metro", "item_number": "1", "pack_size": "12 CT"} | (opening or {})
        self.world.database.import_catalog(self.user_id, [row | ({"base_unit": "each"} if name == "EGGS" else {})])

    def take_back(self, place: int) -> None:
        item_id = self.item(place)
        openings = {opening for opening, opened in self.openings().items() if opened == item_id}
        done = self.world.database.take_back_opening(self.user_id, item_id)
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
        self.world.database.delete_tenant(self.user_id, confirm=f"delete {self.user_id}")
        self.sent.clear()
        self.taken_back.clear()
        self.open()


class Nothing(InvoicedbError):
    """There is nothing yet that it could be done to."""

"""A match that a person decides about: what was booked by it is as if it had been decided so from the start."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import invoicedb
from invoicedb import (
    Database,
    DecisionConflict,
    DecisionResult,
    ItemNotFound,
    MappingNotFound,
    ReviewCase,
    UnitMismatch,
    VendorService,
)
from tests.builders import invoice, line
from tests.operations.test_void import derived, derived_of

CHICKEN, SKINLESS = "CHICKEN BREAST BONELESS", "CHICKEN BREAST BONELESS SKINLESS"
CASE = Decimal("13607.7711")


def chicken(number: str = "1", **fields: Any) -> dict[str, Any]:
    return line(number, **{"description": CHICKEN, **fields})


def in_review(database: Database, user_id: UUID, **fields: Any) -> ReviewCase:
    """A case: Metro's chicken without skin, matched to Sysco's."""
    database.process_invoice(user_id, invoice(chicken(), line("2", description="OLIVE OIL", pack_size="4/1 GAL")))
    skinless = chicken("A", description=SKINLESS, unit_price="31.00", **fields)
    booked = database.process_invoice(user_id, invoice(skinless, vendor_name="Metro", invoice_date="2026-03-04"))
    assert booked.lines[0].match_method == "fuzzy_review"
    [case] = database.review_queue(user_id)
    return case


def stock(database: Database, user_id: UUID) -> dict[str, Decimal]:
    return {level.name: level.current_quantity for level in database.stock(user_id)}


def again(database: Database, user_id: UUID, day: int = 9) -> invoicedb.LineResult:
    sent = invoice(chicken("A", description=SKINLESS, unit_price="32"), vendor_name="Metro", invoice_date=f"2026-03-{day:02}")
    return database.process_invoice(user_id, sent).lines[0]


# ---- the queue ---------------------------------------------------------------------------------------------------------------


def test_a_case_says_how_much_money_stands_on_it(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    assert (case.booked_lines, case.booked_total, case.booked_currency) == (1, Decimal(62), None)
    sent = chicken("A", description=SKINLESS, unit_price="30.00")
    database.process_invoice(user_id, invoice(sent, vendor_name="Metro", currency="EUR"))
    [case] = database.review_queue(user_id)
    assert (case.booked_lines, case.booked_total, case.booked_currency) == (2, None, None)


def test_a_case_says_what_a_person_needs_to_decide(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    assert (case.vendor_name, case.item_number, case.description, case.pack_size) == ("Metro", "A", SKINLESS, "6/5 LB")
    assert (case.item_name, case.base_unit, case.pack_quantity) == (CHICKEN, "g", CASE)
    assert (case.review_state, case.match_method, case.booked_lines) == ("pending", "fuzzy_review", 1)
    assert case.match_score is not None
    assert case.match_reasons[0] == f"like '{CHICKEN}'"
    assert database.find_mapping_case(user_id, case.vendor_id, case.item_key, case.pack_key) == case


def test_the_runner_up_is_remembered(database: Database, user_id: UUID) -> None:
    for number, description in (("1", "CHICKEN BREAST BONELESS SKINLESS"), ("2", "CHICKEN BREAST BONELESS")):
        database.process_invoice(user_id, invoice(line(number, description=description)))
    asked = line("A", description="CHICKEN BREAST BONELESS SKINLESS RANDOM")
    database.process_invoice(user_id, invoice(asked, vendor_name="Metro"))
    [case] = database.review_queue(user_id)
    assert case.runner_up_name == "CHICKEN BREAST BONELESS"
    assert case.match_score is not None
    assert case.runner_up_score is not None
    assert case.runner_up_score < case.match_score


def test_the_queue_comes_in_pages_and_is_one_tenants(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(chicken()))
    for number in "ABC":
        database.process_invoice(user_id, invoice(chicken(number, description=SKINLESS), vendor_name=f"Metro {number}"))
    whole = database.review_queue(user_id)
    first = database.review_queue(user_id, limit=2)
    assert [case.item_number for case in whole] == ["A", "B", "C"]
    assert first + database.review_queue(user_id, limit=2, after=first[-1]) == whole
    assert database.review_queue(uuid4()) == []


def test_a_description_that_does_not_fit_waits_and_can_be_approved(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(chicken()))
    other = invoice(chicken(description="TOMATO DICED"), invoice_date="2026-03-03")
    assert database.process_invoice(user_id, other).lines[0].match_method == "fuzzy_review"
    [case] = database.review_queue(user_id)
    assert (case.review_state, case.pending_descriptions) == ("none", ("TOMATO DICED",))
    database.approve(user_id, case)
    assert database.review_queue(user_id) == []
    again = database.process_invoice(user_id, invoice(chicken(description="TOMATO DICED"), invoice_date="2026-03-05"))
    assert again.lines[0].match_method == "exact"


# ---- decisions ---------------------------------------------------------------------------------------------------------------


def test_what_is_approved_is_exact_from_then_on(database: Database, dsn: str, user_id: UUID) -> None:
    case, before = in_review(database, user_id), derived(dsn)
    done = database.approve(user_id, case, by="Ann", reason="same supplier")
    assert (done.round_trips, done.replayed, done.movements, derived(dsn)) == (2, False, (), before)
    assert (done.case.review_state, done.case.decided_by, done.case.decision_reason) == ("approved", "Ann", "same supplier")
    assert database.review_queue(user_id) == []
    assert (again(database, user_id).match_method, again(database, user_id, 10).match_reasons) == ("exact", ())


def test_an_approved_description_speaks_for_its_item(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(chicken(description=CHICKEN)))
    asked = line("A", description=SKINLESS)
    database.process_invoice(user_id, invoice(asked, vendor_name="Metro"))
    database.approve(user_id, database.review_queue(user_id)[0])
    [known] = database.stock(user_id)
    third = line("Z", description=SKINLESS)
    found = database.process_invoice(user_id, invoice(third, vendor_name="Third")).lines[0]
    assert (found.match_method, found.inventory_item_id) == ("fuzzy_auto", known.id)


def test_a_rejected_match_becomes_a_new_item_with_all_that_was_booked(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    assert again(database, user_id, 8).match_method == "fuzzy_review"
    done = database.reject(user_id, case, by="Ann", reason="without skin")
    assert stock(database, user_id) == {CHICKEN: 2 * CASE, SKINLESS: 4 * CASE, "OLIVE OIL": Decimal("30283.294272")}
    assert (done.case.item_name, done.case.rejected_item_ids) == (SKINLESS, (case.inventory_item_id,))
    assert [price.previous_price for price in database.item_prices(user_id, done.case.inventory_item_id)] == [Decimal(31), None]
    line_now = again(database, user_id)
    assert (line_now.match_method, line_now.item_name, line_now.previous_price) == ("exact", SKINLESS, Decimal(32))


def test_the_last_purchase_follows(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    [level] = [each for each in database.stock(user_id) if each.name == CHICKEN]
    assert level.last_purchase_price == Decimal(31)
    database.reject(user_id, case)
    prices = {each.name: each.last_purchase_price for each in database.stock(user_id)}
    assert (prices[CHICKEN], prices[SKINLESS]) == (Decimal(30), Decimal(31))


def test_an_invoice_shows_its_lines_as_they_are_now(database: Database, dsn: str, user_id: UUID) -> None:
    case = in_review(database, user_id)
    eggs = database.process_invoice(user_id, invoice(line("9", description="EGGS", pack_size="30 CT"))).lines[0]
    assert eggs.inventory_item_id is not None
    database.set_conversions(user_id, eggs.inventory_item_id, {"each": "50 g"})
    done = database.reassign(user_id, case, eggs.inventory_item_id)
    [metro] = database.list_invoices(user_id, vendor_name="Metro", status="success")[:1]
    [shown] = database.get_invoice(user_id, metro.id).lines
    each = CASE / 50
    assert (shown.item_name, shown.base_unit, shown.pack_quantity, shown.quantity_change) == ("EGGS", "each", each, 2 * each)
    assert (shown.total_cost, shown.unit_cost) == (Decimal(62), round(Decimal(62) / (2 * each), 10))
    assert [movement.quantity_change for movement in done.movements] == [-2 * CASE, 2 * each]


def test_a_pack_that_the_item_can_not_be_told_in_is_refused(database: Database, dsn: str, user_id: UUID) -> None:
    case, before = in_review(database, user_id), derived(dsn)
    [oil] = [each.id for each in database.stock(user_id) if each.name == "OLIVE OIL"]
    with pytest.raises(UnitMismatch):
        database.reassign(user_id, case, oil)
    with pytest.raises(ItemNotFound):
        database.reassign(user_id, case, uuid4())
    assert derived(dsn) == before
    assert database.review_queue(user_id) == [case]


def test_lines_of_voided_invoices_stay_where_they_are(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    [metro] = database.list_invoices(user_id, vendor_name="Metro")
    database.void(user_id, metro.id)
    done = database.reject(user_id, case)
    assert (len(done.movements), done.correction_id, stock(database, user_id)[SKINLESS]) == (0, None, Decimal(0))
    assert again(database, user_id).item_name == SKINLESS


def test_a_moved_line_can_be_voided(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(chicken()))
    skinless = invoice(line("7"), chicken("A", description=SKINLESS), vendor_name="Metro", invoice_date="2026-03-04")
    booked = database.process_invoice(user_id, skinless)
    [case] = database.review_queue(user_id)
    new = database.reject(user_id, case).case
    back = database.reassign(user_id, new, case.inventory_item_id).case
    database.reject(user_id, back)
    done = database.void(user_id, booked.invoice_id)
    assert [(each.line_number, each.quantity_change) for each in done.movements] == [(1, -2 * CASE), (2, -2 * CASE)]
    assert set(stock(database, user_id).values()) == {0, 2 * CASE}
    with psycopg.connect(dsn) as connection:
        sums = connection.execute(
            "SELECT name, current_quantity - coalesce(sum(quantity_change), 0) FROM inventory_items AS item"
            " LEFT JOIN inventory_transactions ON inventory_item_id = item.id GROUP BY item.id, item.user_id"
        ).fetchall()
    assert {difference for _, difference in sums} == {0}


@pytest.mark.parametrize("pack_size", ["6/5 LB", None])
def test_a_decision_and_its_undo_leave_what_was_there(
    database: Database, dsn: str, user_id: UUID, pack_size: str | None
) -> None:
    case = in_review(database, user_id, pack_size=pack_size) if pack_size else packless(database, user_id)
    before = derived(dsn)
    done = database.reject(user_id, case)
    undone = database.reassign(user_id, done.case, case.inventory_item_id)
    stock_now, prices = derived(dsn)
    assert [row for row in stock_now if row["name"] in {each["name"] for each in before[0]}] == before[0]
    assert prices == before[1]
    assert (undone.case.inventory_item_id, undone.case.review_state) == (case.inventory_item_id, "approved")
    assert undone.case.rejected_item_ids == (done.case.inventory_item_id,)


def packless(database: Database, user_id: UUID) -> ReviewCase:
    """A line without a pack size, which holds what the other pack of its number does."""
    database.process_invoice(user_id, invoice(chicken()))
    other = chicken(pack_size=None, description="TOMATO DICED")
    database.process_invoice(user_id, invoice(other, invoice_date="2026-03-03"))
    [case] = database.review_queue(user_id)
    assert (case.pack_size, case.pack_quantity) == (None, CASE)
    return case


def counted(database: Database, user_id: UUID) -> tuple[ReviewCase, UUID, UUID]:
    """Ten onions, bought in each and kept in g, and what the onions and the garlic are; garlic is kept in each."""
    rows: list[dict[str, Any]] = [
        {"name": "ONION", "base_unit": "g", "conversions": {"each": "100 g"}, "vendor_name": "Sysco", "item_number": "1"},
        {"name": "GARLIC", "base_unit": "each", "conversions": {"g": "1/50"}},
    ]
    onion, garlic = (row.item_id or user_id for row in database.import_catalog(user_id, rows).rows)
    ten = invoice(line("1", description="ONION", pack_size=None, quantity="10"))
    booked = database.process_invoice(user_id, ten)
    assert booked.lines[0].inventory_item_id == onion
    return database.find_line_case(user_id, booked.invoice_id, 1), onion, garlic


@pytest.mark.parametrize("said", [{"each": "100 g"}, {"each": "150 g"}, {}], ids=["as before", "another", "none"])
def test_what_was_bought_in_each_is_so_many_each_whatever_is_said_since(
    database: Database, user_id: UUID, said: dict[str, str]
) -> None:
    case, onion, garlic = counted(database, user_id)
    database.set_conversions(user_id, onion, said)
    done = database.reassign(user_id, case, garlic)
    assert stock(database, user_id) == {"GARLIC": 10, "ONION": 0}
    assert done.case.pack_quantity == 1


def test_a_decision_and_its_undo_tell_a_pack_by_what_is_said_now(database: Database, user_id: UUID) -> None:
    case, onion, garlic = counted(database, user_id)
    database.reassign(user_id, database.reassign(user_id, case, garlic).case, onion)
    assert stock(database, user_id) == {"GARLIC": 0, "ONION": 1000}
    database.set_conversions(user_id, onion, {"each": "150 g"})
    case = database.find_mapping_case(user_id, case.vendor_id, case.item_key, case.pack_key)
    database.reassign(user_id, database.reassign(user_id, case, garlic).case, onion)
    assert stock(database, user_id) == {"GARLIC": 0, "ONION": 1500}


def test_where_nothing_tells_each_any_more_a_pack_stays_what_it_was(database: Database, user_id: UUID) -> None:
    case, onion, _ = counted(database, user_id)
    database.set_conversions(user_id, onion, {})
    done = database.reject(user_id, case)
    assert (done.case.base_unit, done.case.pack_quantity) == ("g", Decimal(100))
    assert database.reassign(user_id, done.case, onion).case.pack_quantity == 100
    assert sorted(level.current_quantity for level in database.stock(user_id)) == [0, 0, 1000]


# ---- who decides, and when ---------------------------------------------------------------------------------------------------


def test_deciding_the_same_again_answers(database: Database, dsn: str, user_id: UUID) -> None:
    case = in_review(database, user_id)
    first = database.reject(user_id, case, by="Ann")
    before = derived(dsn)
    again = database.reject(user_id, case, by="Bob")
    assert (again.replayed, again.case, again.round_trips) == (True, first.case, 1)
    assert (again.case.decided_by, derived(dsn)) == ("Ann", before)


def test_a_case_that_came_back_can_be_rejected_again(database: Database, user_id: UUID) -> None:
    """By a merge of what was made, and by a decision: each time a new item is made."""
    case = in_review(database, user_id)
    known, seen = case.inventory_item_id, case
    made = set[UUID]()
    for turn in range(4):
        done = database.reject(user_id, case).case
        assert database.reject(user_id, case).case == done
        made.add(done.inventory_item_id)
        if turn % 2 == 0:
            database.merge_item(user_id, done.inventory_item_id, known)
        else:
            database.reassign(user_id, done, known)
        case = database.find_mapping_case(user_id, seen.vendor_id, seen.item_key, seen.pack_key)
        assert case.inventory_item_id == known
    assert len(made) == 4
    assert list(database.verify(user_id)) == []


def test_what_was_decided_meanwhile_is_a_conflict_that_says_so(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    done = database.reject(user_id, case, by="Ann")
    with pytest.raises(DecisionConflict, match="decided by Ann at") as conflict:
        database.approve(user_id, case, by="Bob")
    told = conflict.value
    assert (told.item_id, told.item_name, told.review_state) == (done.case.inventory_item_id, SKINLESS, "approved")
    assert (told.decided_by, told.decided_at) == ("Ann", done.case.decided_at)


def test_a_description_that_came_meanwhile_is_a_conflict(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    other = invoice(chicken("A", description="TOMATO DICED"), vendor_name="Metro", invoice_date="2026-03-05")
    database.process_invoice(user_id, other)
    with pytest.raises(DecisionConflict, match="'TOMATO DICED' waits for a look"):
        database.approve(user_id, case)


def test_of_two_who_decide_at_once_one_wins(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    for turn in range(20):
        made = database.process_invoice(user_id, invoice(line(f"N{turn}"), vendor_name="Third")).lines[0]
        assert made.match_method == "new"
        won, lost = decide_at_once(database, user_id, case, made.inventory_item_id or user_id)
        assert (lost.item_id, lost.decided_by) == (won.case.inventory_item_id, won.case.decided_by)
        case = won.case
    assert sum(level.current_quantity for level in database.stock(user_id)) == 44 * CASE + Decimal("30283.294272")


def decide_at_once(
    database: Database, user_id: UUID, case: ReviewCase, item_id: UUID
) -> tuple[DecisionResult, DecisionConflict]:
    """Ann says that it is this item, Bob that it is a new one: what the one did, and what the other is told."""
    start = Barrier(2)

    def decide(name: str) -> DecisionResult | DecisionConflict:
        start.wait()
        try:
            if name == "Ann":
                return database.reassign(user_id, case, item_id, by=name)
            return database.reject(user_id, case, by=name)
        except DecisionConflict as conflict:
            return conflict

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(decide, ("Ann", "Bob")))
    [won] = [answer for answer in answers if isinstance(answer, DecisionResult)]
    [lost] = [answer for answer in answers if isinstance(answer, DecisionConflict)]
    return won, lost


def test_bookings_beside_decisions_lose_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    case = in_review(database, user_id)

    def book(day: int) -> None:
        again(database, user_id, day)

    def decide() -> None:
        known = database.reject(user_id, case).case
        for _ in range(5):
            known = database.reassign(user_id, known, next(iter(known.rejected_item_ids))).case

    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(book, day) for day in range(5, 25)]
        decided = pool.submit(decide)
        for task in (*tasks, decided):
            task.result()
    with psycopg.connect(dsn) as connection:
        wrong = connection.execute(
            "SELECT item.name FROM inventory_items AS item WHERE current_quantity IS DISTINCT FROM coalesce((SELECT"
            " sum(quantity * base_quantity) FROM invoice_lines AS line WHERE line.inventory_item_id = item.id), 0)"
        ).fetchall()
    assert wrong == []
    mapped = database.find_mapping_case(user_id, case.vendor_id, case.item_key, case.pack_key)
    assert mapped.booked_lines == 21


def test_no_such_mapping_and_another_tenants(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    with pytest.raises(MappingNotFound):
        database.find_mapping_case(user_id, case.vendor_id, "n:NONE", "")
    with pytest.raises(MappingNotFound):
        database.approve(uuid4(), case)


def test_a_preview_shows_and_writes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    case, before = in_review(database, user_id), derived(dsn)
    shown = database.trial().reject(user_id, case)
    assert [each.quantity_change for each in shown.movements] == [-2 * CASE, 2 * CASE]
    assert (shown.case.item_name, database.trial().approve(user_id, case).case.review_state) == (SKINLESS, "approved")
    assert (derived(dsn), database.review_queue(user_id)) == (before, [case])


def test_many_lines_move_in_as_many_round_trips(database: Database, user_id: UUID) -> None:
    case = in_review(database, user_id)
    many = invoice(*[chicken("A", description=SKINLESS)] * 300, vendor_name="Metro", invoice_date="2026-03-05")
    database.process_invoice(user_id, many)
    done = database.reject(user_id, case)
    assert (done.round_trips, len(done.movements)) == (2, 602)
    assert stock(database, user_id)[SKINLESS] == 602 * CASE


def test_in_a_callers_transaction_nothing_is_kept_without_its_commit(database: Database, dsn: str, user_id: UUID) -> None:
    case, before = in_review(database, user_id), derived(dsn)
    with psycopg.connect(dsn) as connection:
        invoicedb.on(connection).reject(user_id, case)
        connection.rollback()
    assert (derived(dsn), database.review_queue(user_id)) == (before, [case])


async def test_async_is_the_same(database: Database, dsn: str, user_id: UUID) -> None:
    in_review(database, user_id)
    async with invoicedb.connect_async(dsn) as other:
        [case] = await other.review_queue(user_id)
        shown = await other.trial().reject(user_id, case)
        done = await other.reject(user_id, case, by="Ann")
        assert done.movements == shown.movements
        back = await other.reassign(user_id, done.case, case.inventory_item_id)
        assert (await other.approve(user_id, back.case)).replayed
        found = await other.find_mapping_case(user_id, case.vendor_id, case.item_key, case.pack_key)
        assert found == back.case


# ---- whatever is booked and decided ------------------------------------------------------------------------------------------

PACKS = {"1": "6/5 LB", "2": "10 KG", "A": "5 LB"}
VENDORS = ("Sysco", "Metro")
BOOKINGS = st.tuples(
    st.just("book"),
    st.integers(2, 9),
    st.integers(20, 24),
    st.sampled_from(VENDORS),
    st.lists(st.sampled_from(sorted(PACKS)), min_size=1, max_size=4),
)
DECISIONS = st.tuples(
    st.just("decide"),
    st.sampled_from(("approve", "reject", "reassign")),
    st.sampled_from(VENDORS),
    st.sampled_from(sorted(PACKS)),
    st.integers(0, 9),
)
VOIDS = st.tuples(st.just("void"), st.integers(0, 9))


def document(price: int, day: int, vendor_name: str, numbers: list[str]) -> dict[str, Any]:
    lines = [line(number, unit_price=str(price + place), pack_size=PACKS[number]) for place, number in enumerate(numbers)]
    return invoice(*lines, vendor_name=vendor_name, invoice_date=f"2026-03-{day:02}")


@dataclass
class Tenant:
    """One that knows three items from each of two vendors, and has bought none. `items`: in the order they were made in."""

    database: Database
    user_id: UUID
    known: dict[tuple[str, str], ReviewCase] = field(default_factory=dict)
    items: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        for vendor_name in VENDORS:
            made = self.database.process_invoice(self.user_id, document(1, 1, vendor_name, list(PACKS)))
            vendor = VendorService(self.database).create_or_get_vendor(self.user_id, vendor_name)
            for number, pack_size in PACKS.items():
                pack_key = pack_size.replace(" ", "")
                case = self.database.find_mapping_case(self.user_id, vendor.id, f"n:{number}", pack_key)
                self.known[vendor_name, number] = case
            self.items += [line.inventory_item_id for line in made.lines if line.is_new_item and line.inventory_item_id]
            self.database.void(self.user_id, made.invoice_id)

    def book(self, *booked: Any) -> UUID:
        return self.database.process_invoice(self.user_id, document(*booked)).invoice_id

    def decide(self, how: str, vendor_name: str, number: str, place: int) -> None:
        seen = self.known[vendor_name, number]
        case = self.database.find_mapping_case(self.user_id, seen.vendor_id, seen.item_key, seen.pack_key)
        match how:
            case "approve":
                self.database.approve(self.user_id, case)
            case "reject":
                self.items.append(self.database.reject(self.user_id, case).case.inventory_item_id)
            case _:
                self.database.reassign(self.user_id, case, self.items[place % len(self.items)])

    def derived(self, dsn: str) -> list[list[str]]:
        """In an order that no two items of one name can change, and numbers without the zeros at their end."""
        return [
            sorted(str({name: plain(value) for name, value in row.items()}) for row in rows)
            for rows in derived_of(dsn, self.user_id)
        ]


def plain(value: object) -> object:
    return value.normalize() + 0 if isinstance(value, Decimal) else value


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(BOOKINGS, BOOKINGS, DECISIONS, VOIDS), min_size=1, max_size=12))
def test_any_decisions_leave_what_booking_after_them_leaves(database: Database, dsn: str, steps: list[tuple[Any, ...]]) -> None:
    """Beside a tenant where all was decided first, and only what stands at the end was booked, in its order."""
    tenant, booked = Tenant(database, uuid4()), list[tuple[UUID, tuple[Any, ...]]]()
    for what, *step in steps:
        if what == "book":
            booked.append((tenant.book(*step), tuple(step)))
        elif what == "decide":
            tenant.decide(*step)
        elif booked:
            invoice_id, _ = booked.pop(step[0] % len(booked))
            database.void(tenant.user_id, invoice_id)
    other = Tenant(database, uuid4())
    for what, *step in steps:
        if what == "decide":
            other.decide(*step)
    for _, sent in booked:
        other.book(*sent)
    assert tenant.derived(dsn) == other.derived(dsn)
    assert list(database.verify(tenant.user_id)) == []

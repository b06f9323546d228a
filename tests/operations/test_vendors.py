"""Two vendors that are one: as if all had come from one from the start; and two again, as if they had never been one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import invoicedb
from invoicedb import (
    Database,
    DuplicateInvoice,
    MatchingPolicy,
    NoVendorNamed,
    SameVendor,
    VendorMerged,
    VendorMergeResult,
    VendorNotFound,
    VendorNotMerged,
    VendorsCollide,
    VendorService,
)
from tests.builders import invoice, line

ROWS = {
    "vendors": "id, name, posting_sequence, merged_into_id",
    "invoices": "id, vendor_id, named_vendor_id, posting_sequence, number_key, status, total, corrects_id, voided_at",
    "inventory_items": "*",
    "vendor_item_mappings": "*",
    "price_history": "*",
    "inventory_transactions": "*",
    "invoice_lines": "*",
}
DERIVED = (
    """SELECT item.name, item.current_quantity, item.last_purchase_price, item.last_purchase_date, item.last_base_unit_price
         FROM inventory_items AS item WHERE user_id = %s ORDER BY 1""",
    """SELECT invoice.invoice_number, price.line_number, price.unit_price, price.previous_price, price.price_change_percent,
              price.is_price_increase
         FROM price_history AS price JOIN invoices AS invoice ON invoice.id = price.invoice_id
        WHERE price.user_id = %s AND price.voided_at IS NULL ORDER BY 1, 2""",
    """SELECT invoice.invoice_number, price.line_number, price.unit_price
         FROM price_history AS price JOIN invoices AS invoice ON invoice.id = price.invoice_id
        WHERE price.user_id = %s AND price.voided_at IS NOT NULL ORDER BY 1, 2""",
    """SELECT item_key, pack_key, item.name, base_quantity, array_length(accepted_readings, 1), pending_readings
         FROM vendor_item_mappings AS mapping JOIN inventory_items AS item ON item.id = inventory_item_id
        WHERE mapping.user_id = %s ORDER BY 1, 2""",
)
HISTORY = (
    ("North", "N1", 1, "30"),
    ("South", "S1", 2, "31"),
    ("South", "S2", 3, "32"),
    ("North", "N2", 3, "33"),
    ("South", "S3", 9, "36"),
    ("North", "N3", 5, "35"),
)
ONE_ORDER = ("N1", "N2", "N3", "S1", "S2", "S3")


def goods(vendor_name: str, number: str, day: int, price: str, *numbers: str) -> dict[str, Any]:
    lines = [line(each, unit_price=price) for each in numbers or ("1", "2")]
    return invoice(*lines, vendor_name=vendor_name, invoice_number=number, invoice_date=f"2026-03-{day:02}")


def book_all(database: Database, user_id: UUID, *, only: str | None = None) -> None:
    """Two vendors whose dates interleave, with one date that both have; or all of it from one, the other's after its own."""
    history = {number: (name, number, day, price) for name, number, day, price in HISTORY}
    for place in ONE_ORDER if only else history:
        name, number, day, price = history[place]
        database.process_invoice(user_id, goods(only or name, number, day, price))


def ids(database: Database, user_id: UUID) -> tuple[UUID, UUID]:
    return database.find_vendor(user_id, "South").id, database.find_vendor(user_id, "North").id


def rows(dsn: str, user_id: UUID) -> dict[str, list[tuple[Any, ...]]]:
    """Every row there is, but the catalog's version."""
    with psycopg.connect(dsn) as connection:
        return {
            table: sorted(
                connection.execute(f"SELECT {columns} FROM {table} WHERE user_id = %s".encode(), [user_id]).fetchall(), key=str
            )
            for table, columns in ROWS.items()
        }


def derived(dsn: str, user_id: UUID) -> list[list[tuple[Any, ...]]]:
    """Of a voided price, what came before it is as it was when it left its chain: it follows from nothing any more."""
    with psycopg.connect(dsn) as connection:
        return [connection.execute(each.encode(), [user_id]).fetchall() for each in DERIVED]


def mapped(dsn: str, vendor_id: UUID) -> list[tuple[Any, ...]]:
    columns = "item_key, accepted_readings, pending_readings, review_state"
    asked = f"SELECT {columns} FROM vendor_item_mappings WHERE vendor_id = %s ORDER BY 1"
    with psycopg.connect(dsn) as connection:
        return connection.execute(asked.encode(), [vendor_id]).fetchall()


# ---- one vendor --------------------------------------------------------------------------------------------------------------


def test_a_merged_vendors_numbers_are_those_of_one_vendor_from_the_start(database: Database, dsn: str, user_id: UUID) -> None:
    other = uuid4()
    book_all(database, user_id)
    book_all(database, other, only="North")
    done = database.merge_vendor(user_id, *ids(database, user_id), reason="one and the same", by="Ann")
    assert (done.vendor_name, done.into_vendor_name, done.documents, done.mappings, done.united) == ("South", "North", 3, 0, 2)
    assert (done.replayed, done.round_trips) == (False, 2)
    assert derived(dsn, user_id) == derived(dsn, other)
    assert list(database.verify(user_id)) == []


def test_either_name_finds_and_books_the_one_vendor(database: Database, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    database.merge_vendor(user_id, south, north)
    assert VendorService(database).create_or_get_vendor(user_id, "SOUTH").id == north
    booked = database.process_invoice(user_id, goods("South", "S4", 10, "40"))
    assert (booked.round_trips, {each.previous_price for each in booked.lines}) == (1, {Decimal(36)})
    for name in ("South", "North"):
        assert {each.vendor_name for each in database.list_invoices(user_id, vendor_name=name)} == {"North"}
        assert len(list(database.list_invoices(user_id, vendor_name=name))) == 7
        assert len(list(database.prices(user_id, vendor_name=name))) == 14
    with pytest.raises(DuplicateInvoice):
        database.process_invoice(user_id, goods("North", "S4", 10, "40"))
    assert database.process_invoice(user_id, goods("South", "S1", 2, "31")).replayed
    assert list(database.verify(user_id)) == []


def test_new_lines_under_the_merged_name_are_the_one_vendors(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    database.merge_vendor(user_id, south, north)
    assert database.process_invoice(user_id, goods("South", "S4", 10, "40", "1", "7")).round_trips == 2
    assert database.process_invoice(user_id, goods("North", "N4", 11, "40", "7")).round_trips == 1
    assert [key for key, *_ in mapped(dsn, north)] == ["n:1", "n:2", "n:7"]


def test_a_credit_memo_finds_its_invoice_by_the_merged_vendors_number(database: Database, user_id: UUID) -> None:
    book_all(database, user_id)
    database.merge_vendor(user_id, *ids(database, user_id))
    memo = goods("North", "C1", 20, "31", "1")
    memo["invoice"] |= {"document_type": "credit_memo", "corrects": "S1"}
    memo["line_items"][0]["quantity"] = "1"
    assert database.process_invoice(user_id, memo).warnings == ()
    assert list(database.verify(user_id)) == []


def test_failed_lines_of_the_merged_vendor_are_sent_again(database: Database, user_id: UUID) -> None:
    sent = goods("South", "S1", 2, "31")
    broken = {**sent, "line_items": [sent["line_items"][0], {**sent["line_items"][1], "quantity": "many"}]}
    database.process_invoice(user_id, goods("North", "N1", 1, "30"))
    database.process_invoice(user_id, broken)
    database.merge_vendor(user_id, *ids(database, user_id))
    assert database.process_invoice(user_id, sent).status == "success"
    assert list(database.verify(user_id)) == []


def test_a_merged_vendors_invoice_is_voided_and_sent_anew(database: Database, user_id: UUID) -> None:
    book_all(database, user_id)
    database.merge_vendor(user_id, *ids(database, user_id))
    sent = goods("South", "S1", 2, "31")
    database.void(user_id, database.process_invoice(user_id, sent).invoice_id)
    assert not database.process_invoice(user_id, sent).replayed
    assert list(database.verify(user_id)) == []


# ---- two again ---------------------------------------------------------------------------------------------------------------


def test_an_unmerged_vendor_is_as_it_was(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    database.process_invoice(user_id, goods("South", "S9", 4, "31", "8"))
    database.process_invoice(user_id, invoice(line("1", description="ARTICLE 1 FRESH"), vendor_name="South"))
    before = rows(dsn, user_id)
    south, north = ids(database, user_id)
    database.merge_vendor(user_id, south, north)
    done = database.unmerge_vendor(user_id, south)
    assert (done.documents, done.mappings, done.round_trips) == (5, 3, 2)
    assert rows(dsn, user_id) == before


def test_what_was_booked_since_goes_by_the_name_it_came_under(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    database.merge_vendor(user_id, south, north)
    for sent in (goods("South", "S4", 10, "40", "1", "7"), goods("North", "N4", 11, "41", "1", "7", "9")):
        database.process_invoice(user_id, sent)
    voided = database.process_invoice(user_id, goods("South", "S5", 12, "50"))
    database.void(user_id, voided.invoice_id)
    assert database.unmerge_vendor(user_id, south).documents == 5
    assert [each.invoice_number for each in database.list_invoices(user_id, vendor_name="South")] == [
        "S1",
        "S2",
        "S3",
        "S4",
        "S5",
    ]
    assert [key for key, *_ in mapped(dsn, south)] == ["n:1", "n:2", "n:7"]
    assert [key for key, *_ in mapped(dsn, north)] == ["n:1", "n:2", "n:7", "n:9"]
    assert list(database.verify(user_id)) == []
    for name in ("South", "North"):
        assert database.process_invoice(user_id, goods(name, "Z", 20, "60", "1", "2", "7")).round_trips == 1
    assert list(database.verify(user_id)) == []


def test_names_follow_the_vendor_and_come_back_with_it(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    database.process_invoice(user_id, goods("East", "E1", 4, "34"))
    east = database.find_vendor(user_id, "East").id
    south, north = ids(database, user_id)
    before = rows(dsn, user_id)
    database.merge_vendor(user_id, south, north)
    between = rows(dsn, user_id)
    database.merge_vendor(user_id, north, east)
    assert database.find_vendor(user_id, "South").merged_into_id == east
    assert len(list(database.list_invoices(user_id, vendor_name="South"))) == 7
    with pytest.raises(VendorMerged, match="un-merge 'North' first"):
        database.unmerge_vendor(user_id, south)
    database.unmerge_vendor(user_id, north)
    assert rows(dsn, user_id) == between
    database.unmerge_vendor(user_id, south)
    assert rows(dsn, user_id) == before


def test_what_waits_for_a_person_goes_on_waiting(database: Database, dsn: str, user_id: UUID) -> None:
    """As a reading of the other's mapping, where that one is settled."""
    database.process_invoice(user_id, invoice(line("1", description="GROUND BEEF 80/20"), vendor_name="North"))
    database.set_matching_policy(user_id, MatchingPolicy(review_everything=True))
    database.process_invoice(user_id, invoice(line("1", description="BEEF GROUND 80/20"), vendor_name="South"))
    south, north = ids(database, user_id)
    before = mapped(dsn, south), mapped(dsn, north)
    assert [each.vendor_name for each in database.review_queue(user_id)] == ["South"]
    assert database.merge_vendor(user_id, south, north).united == 1
    [case] = database.review_queue(user_id)
    assert (case.vendor_name, case.review_state != "pending") == ("North", True)
    assert mapped(dsn, north)[0][2] == before[0][0][1]
    database.unmerge_vendor(user_id, south)
    assert (mapped(dsn, south), mapped(dsn, north)) == before


def test_a_decision_made_since_holds_for_both(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    database.merge_vendor(user_id, south, north)
    case = database.find_mapping_case(user_id, north, "n:1", "6/5LB")
    database.reject(user_id, case, by="Ann")
    database.unmerge_vendor(user_id, south)
    assert [state for *_, state in mapped(dsn, south)] == [state for *_, state in mapped(dsn, north)]
    assert list(database.verify(user_id)) == []


def test_merges_of_items_and_of_vendors_are_taken_back_in_any_order(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, goods("South", "S1", 1, "30", "1", "2", "3"))
    database.process_invoice(user_id, goods("North", "N1", 2, "31", "4", "2"))
    south, north = ids(database, user_id)
    known = {level.name: level.id for level in database.stock(user_id)}
    item, into = known["ARTICLE 1"], known["ARTICLE 4"]
    before = derived(dsn, user_id)
    database.merge_item(user_id, item, into)
    database.merge_vendor(user_id, south, north)
    database.unmerge_item(user_id, item)
    database.unmerge_vendor(user_id, south)
    assert derived(dsn, user_id) == before
    database.merge_vendor(user_id, south, north)
    database.merge_item(user_id, item, into)
    database.unmerge_vendor(user_id, south)
    assert list(database.verify(user_id)) == []
    database.unmerge_item(user_id, item)
    assert derived(dsn, user_id) == before
    assert list(database.verify(user_id)) == []


def returned(user_id: UUID, database: Database) -> UUID:
    """Goods back, on a line of North's own."""
    sent = invoice(line("1", quantity="-1"), vendor_name="North", invoice_number="N9")
    return database.process_invoice(user_id, sent).invoice_id


def credited(user_id: UUID, database: Database) -> UUID:
    """Goods back, by a memo of North's."""
    sent = invoice(line("1", quantity="1"), vendor_name="North", invoice_number="N9", document_type="credit_memo")
    return database.process_invoice(user_id, sent).invoice_id


def voided_since(user_id: UUID, database: Database) -> UUID:
    """North's only purchase, which was voided."""
    booked = database.process_invoice(user_id, goods("North", "N9", 4, "31", "1"))
    database.void(user_id, booked.invoice_id)
    return booked.invoice_id


@pytest.mark.parametrize("book", [returned, credited, voided_since])
def test_a_mapping_stays_with_any_line_that_stands_on_it(
    database: Database, dsn: str, user_id: UUID, book: Callable[[UUID, Database], UUID]
) -> None:
    """Also with one that has no price: whose item that line's goods are can be asked, and a later merge keeps them apart."""
    database.process_invoice(user_id, goods("South", "S1", 1, "30", "1"))
    database.process_invoice(user_id, goods("North", "N1", 1, "30", "8"))
    south, north = ids(database, user_id)
    database.merge_vendor(user_id, south, north)
    invoice_id = book(user_id, database)
    database.unmerge_vendor(user_id, south)
    assert [key for key, *_ in mapped(dsn, north)] == ["n:1", "n:8"]
    assert database.find_line_case(user_id, invoice_id, 1).vendor_id == north
    assert list(database.verify(user_id)) == []


def test_other_goods_under_the_number_of_a_return_are_asked_about(database: Database, user_id: UUID) -> None:
    """Taken for new, they would have shared their number with goods of another item, and a merge could not tell them apart."""
    beef = line("1", description="GROUND BEEF 80/20", quantity="10")
    database.process_invoice(user_id, invoice(beef, vendor_name="South"))
    database.process_invoice(user_id, invoice(line("8", description="SALT"), vendor_name="North"))
    south, north = ids(database, user_id)
    database.merge_vendor(user_id, south, north)
    database.process_invoice(user_id, invoice(beef | {"quantity": "-1"}, vendor_name="North"))
    database.unmerge_vendor(user_id, south)
    database.process_invoice(user_id, invoice(line("1", description="TOMATO DICED"), vendor_name="North"))
    [case] = database.review_queue(user_id)
    assert (case.vendor_name, case.item_name, case.description) == ("North", "GROUND BEEF 80/20", "GROUND BEEF 80/20")
    assert list(database.verify(user_id)) == []


# ---- what is refused, and what is there already ------------------------------------------------------------------------------


def test_collisions_are_told_and_nothing_is_written(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, goods("North", "A1", 1, "30"))
    database.process_invoice(user_id, goods("South", "A1", 1, "30"))
    elsewhere = invoice(line("1", description="NAPKIN WHITE 2PLY"), vendor_name="South", invoice_number="A2")
    database.process_invoice(user_id, goods("South", "A3", 1, "30", "3"))
    database.process_invoice(user_id, goods("North", "A4", 1, "30", "4"))
    elsewhere["line_items"] = [line("4", description="NAPKIN WHITE 2PLY")]
    database.process_invoice(user_id, elsewhere)
    south, north = ids(database, user_id)
    before = rows(dsn, user_id)
    for ask in (database.merge_vendor, database.trial().merge_vendor):
        with pytest.raises(VendorsCollide) as told:
            ask(user_id, south, north)
        [number], [mapping] = told.value.numbers, told.value.mappings
        assert (number.invoice_number, mapping.item_key) == ("A1", "n:4")
        assert (mapping.item_name, mapping.into_item_name) == ("NAPKIN WHITE 2PLY", "ARTICLE 4")
    assert rows(dsn, user_id) == before
    database.void(user_id, number.invoice_id)
    database.merge_item(user_id, mapping.item_id, mapping.into_item_id)
    assert database.merge_vendor(user_id, south, north).documents == 3
    assert list(database.verify(user_id)) == []


def test_merging_again_answers_and_changes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    database.merge_vendor(user_id, south, north)
    before = rows(dsn, user_id)
    again = database.merge_vendor(user_id, south, north)
    assert (again.replayed, again.documents, again.round_trips, rows(dsn, user_id)) == (True, 0, 1, before)


def test_what_can_not_be_done_is_told(database: Database, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    third = VendorService(database).create_or_get_vendor(user_id, "Third").id
    with pytest.raises(SameVendor):
        database.merge_vendor(user_id, south, south)
    for pair in ((south, uuid4()), (uuid4(), south)):
        with pytest.raises(VendorNotFound):
            database.merge_vendor(user_id, *pair)
    with pytest.raises(VendorNotFound):
        database.merge_vendor(uuid4(), south, north)
    with pytest.raises(VendorNotFound):
        database.unmerge_vendor(user_id, uuid4())
    with pytest.raises(VendorNotMerged):
        database.unmerge_vendor(user_id, south)
    with pytest.raises(NoVendorNamed):
        database.find_vendor(user_id, "Nobody")
    database.merge_vendor(user_id, south, north)
    for pair in ((south, third), (third, south), (north, south)):
        with pytest.raises(VendorMerged) as told:
            database.merge_vendor(user_id, *pair)
        assert (told.value.vendor_id, told.value.vendor_name, told.value.into_vendor_id) == (south, "South", north)


def test_a_preview_shows_and_writes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    before = rows(dsn, user_id)
    shown = database.trial().merge_vendor(user_id, south, north)
    assert (shown.documents, shown.united, rows(dsn, user_id)) == (3, 2, before)


def test_in_a_callers_transaction_nothing_is_kept_without_its_commit(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    before = rows(dsn, user_id)
    with psycopg.connect(dsn) as connection:
        on = invoicedb.on(connection)
        assert on.merge_vendor(user_id, south, north).round_trips <= 3
        assert on.unmerge_vendor(user_id, south).documents == 3
        connection.rollback()
    assert rows(dsn, user_id) == before


async def test_async_is_the_same(database: Database, dsn: str, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)
    before = rows(dsn, user_id)
    async with invoicedb.connect_async(dsn) as other:
        assert (await other.find_vendor(user_id, "south")).id == south
        shown = await other.trial().merge_vendor(user_id, south, north)
        done = await other.merge_vendor(user_id, south, north, by="Ann")
        assert (done.documents, done.united) == (shown.documents, shown.united)
        back = await other.unmerge_vendor(user_id, south)
    assert (back.documents, rows(dsn, user_id)) == (3, before)


# ---- who else is there -------------------------------------------------------------------------------------------------------


def test_bookings_beside_merges_lose_nothing(database: Database, user_id: UUID) -> None:
    book_all(database, user_id)
    south, north = ids(database, user_id)

    def book(place: int) -> UUID:
        sent = goods(("North", "South")[place % 2], f"B{place}", place % 20 + 1, str(place + 20), "1", "2", str(place % 5))
        return database.process_invoice(user_id, sent).invoice_id

    def void(place: int) -> None:
        database.void(user_id, book(place))

    def merge() -> list[VendorMergeResult]:
        done = []
        for _ in range(6):
            done += [database.merge_vendor(user_id, south, north), database.unmerge_vendor(user_id, south)]
        return done

    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(book if place % 3 else void, place) for place in range(30)]
        merged = pool.submit(merge)
        for task in tasks:
            task.result()
        assert len(merged.result()) == 12
    assert list(database.verify(user_id)) == []
    for name in ("North", "South"):
        found = [each.invoice_number or "" for each in database.list_invoices(user_id, vendor_name=name)]
        expected = {number for who, number, *_ in HISTORY if who == name}
        expected |= {f"B{place}" for place in range(30) if ("North", "South")[place % 2] == name}
        assert (len(found), set(found)) == (18, expected)


# ---- whatever is booked and merged -------------------------------------------------------------------------------------------

NAMES = ("North", "South", "East")
NUMBERS = ("1", "2", "3")
PLACES = st.sampled_from(NAMES)
BOOKINGS = st.tuples(
    st.just("book"), PLACES, st.integers(2, 6), st.integers(20, 24), st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3)
)
STEPS = st.one_of(
    BOOKINGS,
    BOOKINGS,
    st.tuples(st.just("merge"), PLACES, PLACES),
    st.tuples(st.just("unmerge"), PLACES),
    st.tuples(st.just("void"), st.integers(0, 9)),
)


@pytest.fixture
def settled(database: Database) -> Database:
    """With all its connections made: the thread that makes them draws random numbers, beside the test that draws examples."""
    database._pool.wait()
    return database


class Tenant:
    """One whose three vendors sell the same articles."""

    def __init__(self, database: Database) -> None:
        self.database, self.user_id = database, uuid4()
        self.booked: list[UUID] = []
        for place, name in enumerate(NAMES):
            database.process_invoice(self.user_id, goods(name, f"0{place}", 1, "10", *NUMBERS))
        self.ids = {name: database.find_vendor(self.user_id, name).id for name in NAMES}

    def do(self, place: int, what: str, *step: Any) -> None:
        match what:
            case "book":
                name, day, price, numbers = step
                sent = goods(name, str(100 + place), day, str(price), *numbers)
                self.booked.append(self.database.process_invoice(self.user_id, sent).invoice_id)
            case "void" if self.booked:
                self.database.void(self.user_id, self.booked.pop(step[0] % len(self.booked)))
            case "merge":
                with suppress(SameVendor, VendorMerged):
                    self.database.merge_vendor(self.user_id, *(self.ids[name] for name in step))
            case "unmerge":
                self.unmerge(*step)

    def unmerge(self, name: str) -> None:
        with suppress(VendorMerged, VendorNotMerged):
            self.database.unmerge_vendor(self.user_id, self.ids[name])

    def part(self) -> None:
        """Un-merge all there is: what was merged on first."""
        for _ in NAMES:
            for name in NAMES:
                self.unmerge(name)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=2, max_size=12))
@example([("book", "South", 3, 20, ["1"]), ("merge", "North", "South"), ("book", "North", 2, 20, ["1"]), ("void", 0)])
def test_any_merges_that_are_taken_back_leave_nothing(settled: Database, dsn: str, steps: list[tuple[Any, ...]]) -> None:
    """Beside a tenant where the same was booked and voided, and nobody has merged anything."""
    tenant, other = Tenant(settled), Tenant(settled)
    for place, step in enumerate(steps):
        tenant.do(place, *step)
        assert list(settled.verify(tenant.user_id)) == []
        if step[0] in ("book", "void"):
            other.do(place, *step)
    tenant.part()
    assert list(settled.verify(tenant.user_id)) == []
    assert derived(dsn, tenant.user_id) == derived(dsn, other.user_id)

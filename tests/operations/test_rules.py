"""What a tenant decides about matching: its policy, its abbreviations, and what it is told about a match."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

import invoicedb
from invoicedb import (
    Database,
    InvalidAbbreviation,
    InvalidConversion,
    InvalidRule,
    InvoicedbError,
    ItemNotFound,
    LineResult,
    MatchingPolicy,
    NoMatchingItem,
    SimilarItem,
)
from invoicedb.domain.dictionary import EMPTY, dictionary_of
from invoicedb.domain.match_keys import alias_keys, match_keys
from invoicedb.domain.reading import read
from tests.builders import invoice, line
from tests.faults.test_concurrency import WAITING, one


def book(database: Database, user_id: UUID, description: str, vendor_name: str = "Sysco", **fields: object) -> LineResult:
    """What one line of an unnumbered item comes to."""
    [booked] = database.process_invoice(
        user_id, invoice(line(None, description=description, **fields), vendor_name=vendor_name)
    ).lines
    return booked


# ---- the policy --------------------------------------------------------------------------------------------------------------


def test_where_nothing_is_created_a_line_that_matches_nothing_fails(database: Database, user_id: UUID) -> None:
    book(database, user_id, "RUCKSACK BLUE")
    database.set_matching_policy(user_id, MatchingPolicy(never_create=True))
    sent = invoice(line(None, description="GLASS TUMBLER"), line(None, description="RUCKSACKS BLUE"), vendor_name="Metro")
    tumbler, rucksack = database.process_invoice(user_id, sent).lines
    assert (tumbler.error_type, rucksack.match_method) == ("no_matching_item", "fuzzy_auto")
    assert [level.name for level in database.stock(user_id)] == ["RUCKSACK BLUE"]
    database.set_matching_policy(user_id, MatchingPolicy())
    assert book(database, user_id, "GLASS TUMBLER", "Metro").match_method == "new"


def test_a_service_raises_what_a_line_fails_with(database: Database, user_id: UUID) -> None:
    vendor = invoicedb.VendorService(database).create_or_get_vendor(user_id, "Sysco")
    database.set_matching_policy(user_id, MatchingPolicy(never_create=True))
    with pytest.raises(NoMatchingItem):
        invoicedb.VendorItemMapper(database).find_or_create_mapping(user_id, vendor.id, None, "GLASS TUMBLER")


def test_where_everything_is_reviewed_no_match_is_booked_unseen(database: Database, user_id: UUID) -> None:
    book(database, user_id, "RUCKSACK BLUE")
    database.process_invoice(user_id, invoice(line("7")))
    database.set_matching_policy(user_id, MatchingPolicy(review_everything=True))
    alike = book(database, user_id, "RUCKSACKS BLUE", "Metro")
    other_pack = database.process_invoice(user_id, invoice(line("7", pack_size="12/5 LB"))).lines[0]
    reworded = database.process_invoice(user_id, invoice(line("7", description="ARTICLE NO. 7"))).lines[0]
    assert [each.match_method for each in (alike, other_pack, reworded)] == ["fuzzy_review"] * 3
    assert database.process_invoice(user_id, invoice(line("7"))).lines[0].match_method == "exact"


def test_bars_are_each_tenants_own(database: Database, user_id: UUID) -> None:
    other = uuid4()
    database.set_matching_policy(user_id, MatchingPolicy(fuzzy_review=Decimal("0.95"), fuzzy_auto=Decimal(1)))
    for user in (user_id, other):
        book(database, user, "GROUND BEEF PATTY RAW")
    methods = [book(database, user, "GROUND BEEF PATTY", "Metro").match_method for user in (user_id, other)]
    assert methods == ["new", "fuzzy_review"]


def test_a_policy_is_kept_and_read_back(database: Database, user_id: UUID) -> None:
    kept = MatchingPolicy(Decimal("0.97"), Decimal("0.7"), never_create=True, review_everything=True)
    assert database.matching_policy(user_id) == MatchingPolicy()
    database.set_matching_policy(user_id, kept)
    assert database.matching_policy(user_id) == kept
    assert database.matching_policy(uuid4()) == MatchingPolicy()


@pytest.mark.parametrize(
    "policy",
    [
        MatchingPolicy(fuzzy_auto=Decimal("1.1")),
        MatchingPolicy(fuzzy_review=Decimal("NaN")),
        MatchingPolicy(fuzzy_auto=0.9),  # type: ignore[arg-type]
        MatchingPolicy(fuzzy_review=Decimal("0.95")),
    ],
)
def test_bars_that_are_none_are_refused(database: Database, user_id: UUID, policy: MatchingPolicy) -> None:
    with pytest.raises(InvalidRule):
        database.set_matching_policy(user_id, policy)
    assert database.matching_policy(user_id) == MatchingPolicy()


def test_a_plan_made_by_the_old_rules_does_not_land(database: Database, dsn: str, user_id: UUID) -> None:
    """The rules change while a plan is on its way: it is made again, by the new ones."""
    book(database, user_id, "RUCKSACK BLUE")
    with psycopg.connect(dsn, autocommit=True) as connection:
        version = "SELECT version FROM catalogs WHERE user_id = %s"
        before = connection.execute(version, (user_id,)).fetchone()
        database.set_matching_policy(user_id, MatchingPolicy(never_create=True))
        database.set_abbreviation(user_id, "KDS", "CHILDRENS")
        database.remove_abbreviation(user_id, "KDS")
        after = connection.execute(version, (user_id,)).fetchone()
    assert before is not None
    assert after == (before[0] + 3,)


# ---- abbreviations -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("known", "bought"), [("CHILDRENS CUP RED", "KDS CUP RED"), ("KDS CUP RED", "CHILDRENS CUP RED")])
def test_an_abbreviation_finds_what_was_there_before_it(database: Database, user_id: UUID, known: str, bought: str) -> None:
    item = book(database, user_id, known).inventory_item_id
    assert book(database, user_id, bought, "Before").match_method == "new"
    other = uuid4()
    for user in (user_id, other):
        database.set_abbreviation(user, "kds", "Childrens")
    book(database, other, known)
    found = book(database, other, bought, "Metro")
    assert (found.match_method, found.match_reasons) == ("fuzzy_auto", (f"like {known!r}",))
    again = book(database, user_id, f"{bought} ", "Metro")
    assert again.match_method in ("fuzzy_auto", "fuzzy_review")
    assert again.inventory_item_id is not None
    assert item is not None


def test_an_abbreviation_finds_an_item_that_existed_already(database: Database, user_id: UUID) -> None:
    item = book(database, user_id, "CHILDRENS CUP RED").inventory_item_id
    database.set_abbreviation(user_id, "KDS", "CHILDRENS")
    assert book(database, user_id, "KDS CUP RED", "Metro").inventory_item_id == item
    database.remove_abbreviation(user_id, "KDS")
    assert book(database, user_id, "KDS RED CUP", "Other").match_method in ("new", "fuzzy_auto")


def test_without_it_the_two_are_two_again(database: Database, user_id: UUID) -> None:
    book(database, user_id, "CHILDRENS CUP RED")
    database.set_abbreviation(user_id, "KDS", "CHILDRENS")
    assert database.remove_abbreviation(user_id, "kds")
    assert not database.remove_abbreviation(user_id, "kds")
    assert book(database, user_id, "KDS CUP RED", "Metro").match_method == "new"


def test_abbreviations_are_a_tenants_own(database: Database, user_id: UUID) -> None:
    database.set_abbreviation(user_id, "KDS", "CHILDRENS")
    database.set_abbreviation(user_id, "kds", "kids toys")
    database.set_abbreviation(user_id, "ADT", "ADULT")
    kept = [(each.abbreviation, each.expansion) for each in database.abbreviations(user_id)]
    assert kept == [("ADT", "ADULT"), ("KDS", "KIDS TOYS")]
    assert database.abbreviations(uuid4()) == []


@pytest.mark.parametrize(
    ("abbreviation", "expansion"),
    [
        ("", "A"),
        ("K D", "CHILDREN"),
        ("12", "DOZEN"),
        ("KDS", ""),
        ("KDS", "12 KIDS"),
        ("CUPS", "cup"),
        ("A+", "APPLE"),
        ("QTY.", "QUANTITY"),
        ("K", "K" * 300),
    ],
)
def test_what_is_no_abbreviation_is_refused(database: Database, user_id: UUID, abbreviation: str, expansion: str) -> None:
    with pytest.raises(InvalidAbbreviation):
        database.set_abbreviation(user_id, abbreviation, expansion)
    assert database.abbreviations(user_id) == []


def test_an_abbreviation_and_what_looks_like_its_plural_are_two() -> None:
    both = dictionary_of((("ABC", "ALPHABET"), ("ABCS", "ASSORTED BISCUITS")))
    assert (both.words("ABC"), both.words("ABCS")) == (("ALPHABET",), ("ASSORTED", "BISCUIT"))
    assert dictionary_of((("ABCS", "ASSORTED BISCUITS"), ("ABC", "ALPHABET"))).words("ABC") == ("ALPHABET",)
    for said in ("ABC", "ABCS"):
        alone = dictionary_of(((said, "ALPHABET"),))
        assert alone.words("ABC") == alone.words("ABCS") == ("ALPHABET",)


def test_an_item_has_the_keys_of_every_spelling() -> None:
    dictionary = dictionary_of((("KDS", "CHILDREN"),))
    plain, short, long = (set(match_keys(read(text))) for text in ("CUP RED", "KDS CUP RED", "CHILDREN CUP RED"))
    assert set(alias_keys("CHILDREN CUP RED", dictionary)) == short | long
    assert set(alias_keys("KDS CUP RED", dictionary)) == short | long
    assert set(alias_keys("CUP RED", dictionary)) == plain == set(alias_keys("CUP RED", EMPTY))


def test_match_keys_that_are_gone_are_made_again(database: Database, dsn: str, user_id: UUID) -> None:
    item = book(database, user_id, "RUCKSACK BLUE").inventory_item_id
    book(database, user_id, "RUCKSACKS BLUE", "Metro")
    with psycopg.connect(dsn, autocommit=True) as connection:
        asked = "SELECT * FROM item_match_keys ORDER BY match_key"
        before = connection.execute(asked).fetchall()
        connection.execute("DELETE FROM item_match_keys")
        assert database.refresh_match_keys(user_id) == 1
        assert connection.execute(asked).fetchall() == before
    assert book(database, user_id, "BLUE RUCKSACK", "Other").inventory_item_id == item


# ---- what is told ------------------------------------------------------------------------------------------------------------


def test_a_line_says_why_it_was_matched_now_and_in_a_replay(database: Database, user_id: UUID) -> None:
    book(database, user_id, "GROUND BEEF PATTY RAW")
    sent = invoice(line("7", description="GROUND BEEF PATTY"), line("7", description="GROUND BEEF"), vendor_name="Metro")
    first = database.process_invoice(user_id, sent)
    assert first.lines[0].match_reasons == ("like 'GROUND BEEF PATTY RAW'", "only one says RAW")
    assert [each.match_reasons for each in database.process_invoice(user_id, sent).lines] == [
        each.match_reasons for each in first.lines
    ]
    later = database.process_invoice(user_id, invoice(line("7", description="GROUND BEEF PATTY"), vendor_name="Metro")).lines[0]
    assert (later.match_method, later.match_reasons) == ("fuzzy_review", first.lines[0].match_reasons)


def test_an_unheard_description_of_a_known_number_says_so(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("7", description="GROUND BEEF PATTY")))
    found = database.process_invoice(user_id, invoice(line("7", description="GLASS TUMBLER"))).lines[0]
    assert found.match_method == "fuzzy_review"
    assert found.match_reasons == ("the description is not one accepted for this item number",)


@pytest.mark.parametrize(
    ("known", "bought", "pack_size"),
    [
        ("GROUND BEEF PATTY FROZEN", "GROUND BEEF PATTY CHARBROILED", "6/5 LB"),  # a word replaced
        ("GROUND BEEF PATTY FROZEN", "GROUND BEEF PATTY FROZEN", "12 CT"),  # the same goods, counted
    ],
)
def test_a_new_item_beside_a_similar_one_is_told(
    database: Database, user_id: UUID, known: str, bought: str, pack_size: str
) -> None:
    item = book(database, user_id, known)
    result = database.process_invoice(
        user_id, invoice(line(None, description=bought, pack_size=pack_size), vendor_name="Metro")
    )
    [warning] = result.warnings
    assert result.lines[0].match_method == "new"
    assert isinstance(warning, SimilarItem)
    assert (warning.line_number, warning.item_id, warning.name) == (1, item.inventory_item_id, known)


def test_other_goods_are_no_similar_item(database: Database, user_id: UUID) -> None:
    book(database, user_id, "BUTTER SALTED GRADE AA")
    asked = invoice(line(None, description="BUTTER UNSALTED GRADE AA"), vendor_name="Metro")
    assert database.process_invoice(user_id, asked).warnings == ()


async def test_async_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        await database.set_abbreviation(user_id, "KDS", "CHILDRENS")
        policy = await database.set_matching_policy(user_id, MatchingPolicy(review_everything=True))
        assert await database.matching_policy(user_id) == policy
        for vendor_name, description in (("Sysco", "CHILDRENS CUP RED"), ("Metro", "KDS CUP RED")):
            sent = invoice(line(None, description=description), vendor_name=vendor_name)
            result = await database.process_invoice(user_id, sent)
        assert result.lines[0].match_reasons == ("like 'CHILDRENS CUP RED'", "every match is reviewed here")
        assert await database.refresh_match_keys(user_id) == 1
        assert [each.expansion for each in await database.abbreviations(user_id)] == ["CHILDRENS"]
        assert await database.remove_abbreviation(user_id, "KDS")


# ---- an item's units ---------------------------------------------------------------------------------------------------------


def test_an_item_with_a_conversion_takes_lines_in_its_other_unit(database: Database, user_id: UUID) -> None:
    beef = database.process_invoice(user_id, invoice(line("7", description="BEEF PATTY", pack_size="10 KG"))).lines[0]
    assert beef.inventory_item_id is not None
    counted = invoice(line("7", description="BEEF PATTY", pack_size="40 CT"))
    assert database.process_invoice(user_id, counted).lines[0].error_type == "unit_mismatch"
    assert database.set_conversions(user_id, beef.inventory_item_id, {"each": "1/2 lb"}) == {"each": "226.796185"}
    again = database.process_invoice(user_id, invoice(line("7", description="BEEF PATTY", pack_size="40 CT"))).lines[0]
    assert (again.inventory_item_id, again.pack_quantity) == (beef.inventory_item_id, Decimal("9071.8474"))


def test_conversions_that_are_none_are_refused(database: Database, user_id: UUID) -> None:
    item = book(database, user_id, "BEEF PATTY").inventory_item_id
    assert item is not None
    with pytest.raises(InvalidConversion):
        database.set_conversions(user_id, item, {"each": "0 g"})
    with pytest.raises(ItemNotFound):
        database.set_conversions(uuid4(), item, {"each": "150 g"})


@pytest.mark.parametrize(("known", "quantity"), [("12/32 FL OZ", "11356.235352"), ("12/2 LB", "10886.21688")])
def test_ounces_are_those_of_the_item(database: Database, user_id: UUID, known: str, quantity: str) -> None:
    """32 OZ of an item of volume are fluid, of one of weight they are of weight, and which is said."""
    database.process_invoice(user_id, invoice(line("7", description="MAYONNAISE", pack_size=known)))
    again = database.process_invoice(user_id, invoice(line("7", description="MAYONNAISE", pack_size="12/32 OZ"))).lines[0]
    assert (again.match_method, again.pack_quantity) == ("exact", Decimal(quantity))
    other = database.process_invoice(
        user_id, invoice(line("A", description="MAYONNAISE", pack_size="12/32 OZ"), vendor_name="Metro")
    ).lines[0]
    assert (other.inventory_item_id, other.pack_quantity) == (again.inventory_item_id, Decimal(quantity))
    assert any("oz (" in reason for reason in other.match_reasons)


def test_units_are_told_apart_when_a_known_number_comes_in_another_pack(database: Database, user_id: UUID) -> None:
    """6/1 KG and 6/1 L are both 1000 of their unit: an item with a density takes the one for the other only after a look."""
    oil = database.process_invoice(user_id, invoice(line("7", description="OIL", pack_size="6/1 KG"))).lines[0]
    assert oil.inventory_item_id is not None
    database.set_conversions(user_id, oil.inventory_item_id, {"1 l": "0.92 kg"})
    litres = database.process_invoice(user_id, invoice(line("7", description="OIL", pack_size="6/1 L"))).lines[0]
    assert (litres.match_method, litres.pack_quantity) == ("fuzzy_review", Decimal(5520))


def test_what_a_known_pack_holds_is_told_again_by_new_conversions(database: Database, user_id: UUID) -> None:
    """For the lines from then on; what is booked stays."""
    eggs = invoice(line("7", description="EGGS", pack_size="30 CT"))
    item = database.process_invoice(user_id, eggs).lines[0].inventory_item_id
    assert item is not None

    def buy() -> Decimal | None:
        return (
            database.process_invoice(user_id, invoice(line("7", description="EGGS", pack_size="20 LB"))).lines[0].pack_quantity
        )

    database.set_conversions(user_id, item, {"1 lb": "2 each"})
    assert buy() == 40
    database.set_conversions(user_id, item, {"1 lb": "3 each"})
    assert buy() == 60


@pytest.mark.parametrize(("known", "then"), [(None, "160"), ("12 CT", "1920")], ids=["one each", "as its other pack"])
def test_so_is_what_a_line_without_a_pack_holds(database: Database, user_id: UUID, known: str | None, then: str) -> None:
    [row] = database.import_catalog(user_id, [{"name": "ONIONS", "base_unit": "g", "conversions": "each = 150 g"}]).rows
    assert row.item_id is not None
    sent = invoice(line("7", description="ONIONS", pack_size=known))
    assert database.process_invoice(user_id, sent).lines[0].inventory_item_id == row.item_id

    def buy(item_number: str) -> Decimal | None:
        unsized = invoice(line(item_number, description="ONIONS", pack_size=None))
        return database.process_invoice(user_id, unsized).lines[0].pack_quantity

    assert [buy("7"), buy("8")] == [Decimal(150 if known is None else 1800), Decimal(150)]
    database.set_conversions(user_id, row.item_id, {"each": "160 g"})
    assert [buy("7"), buy("8")] == [Decimal(then), Decimal(160)]
    database.set_conversions(user_id, row.item_id, {})
    assert [buy("7"), buy("8")] == [Decimal(then), Decimal(160)]


def test_a_pack_that_is_booked_meanwhile_is_told_by_the_new_conversions(database: Database, dsn: str, user_id: UUID) -> None:
    """A booking that holds the catalog when the conversions change: they were looked up before it, and written after it."""
    [row] = database.import_catalog(user_id, [{"name": "ONIONS", "base_unit": "g", "conversions": "each = 150 g"}]).rows
    assert row.item_id is not None
    dozen = invoice(line("7", description="ONIONS", pack_size="12 CT"))
    with ThreadPoolExecutor(1) as thread, psycopg.connect(dsn) as connection:
        assert invoicedb.on(connection).process_invoice(user_id, dozen).lines[0].pack_quantity == 1800
        said = thread.submit(database.set_conversions, user_id, row.item_id, {"each": "160 g"})
        while not said.done() and one(dsn, WAITING) == 0:
            time.sleep(0.01)
        assert not said.done()
        connection.commit()
        assert said.result() == {"each": "160"}
    again = invoice(line("7", description="ONIONS", pack_size="12 CT"))
    assert database.process_invoice(user_id, again).lines[0].pack_quantity == Decimal(1920)


# ---- what is no text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Z\0Q", "Z\ud800Q"])
def test_what_is_no_text_is_refused_and_leaves_a_callers_transaction_alone(dsn: str, user_id: UUID, text: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TEMP TABLE mine AS SELECT 1 AS row")
        calls = invoicedb.on(connection)
        asked = (
            lambda: calls.remove_abbreviation(user_id, text),
            lambda: calls.set_abbreviation(user_id, text, "APPLE"),
            lambda: calls.list_invoices(user_id, vendor_name=text),
            lambda: calls.void(user_id, uuid4(), reason=text),
        )
        for ask in asked:
            with pytest.raises(InvoicedbError, match=r"no text|one word"):
                ask()
        assert connection.execute("SELECT row FROM mine").fetchone() == (1,)


@pytest.mark.parametrize("policy", [None, {"never_create": True}, MatchingPolicy(never_create=1)])  # type: ignore[arg-type]
def test_what_is_no_policy_is_refused(database: Database, user_id: UUID, policy: Any) -> None:
    with pytest.raises(InvalidRule):
        database.set_matching_policy(user_id, policy)

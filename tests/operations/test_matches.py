"""Which item a line is booked to: what a bookkeeper would be cross about if it went otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from invoicedb import Database, LineResult, PlaceholderNumber, SimilarItem
from invoicedb.ids import uuid7
from tests.builders import invoice, line


def buy(database: Database, user_id: UUID, number: str | None, description: str, **fields: Any) -> LineResult:
    vendor_name = fields.pop("vendor_name", "Sysco")
    sent = invoice(line(number, description=description, **fields), vendor_name=vendor_name)
    return database.process_invoice(user_id, sent).lines[0]


# ---- the vendor's own numbers ------------------------------------------------------------------------------------------------


def test_two_numbers_of_one_vendor_with_one_text_are_for_a_person(database: Database, user_id: UUID) -> None:
    """A candle in three sizes under one description is three articles: the vendor says so, by its numbers."""
    first = buy(database, user_id, "72127", "PILLAR CANDLE ROUND")
    second = buy(database, user_id, "72130", "PILLAR CANDLE ROUND")
    assert (second.match_method, second.inventory_item_id) == ("fuzzy_review", first.inventory_item_id)
    assert second.match_reasons == ("like 'PILLAR CANDLE ROUND'", "this vendor sells it as 72127")
    assert buy(database, user_id, "9", "PILLAR CANDLE ROUND", vendor_name="Metro").match_method == "fuzzy_auto"


def test_two_lines_of_one_invoice_are_no_other(database: Database, user_id: UUID) -> None:
    sent = invoice(line("72127", description="PILLAR CANDLE ROUND"), line("72130", description="PILLAR CANDLE ROUND"))
    assert [each.match_method for each in database.process_invoice(user_id, sent).lines] == ["new", "fuzzy_review"]


def test_a_text_that_repeats_its_own_number_says_nothing_more(database: Database, user_id: UUID) -> None:
    spoon = buy(database, user_id, "S-1", "CHOCOLATE SPOON")
    repeated = buy(database, user_id, "84279B", "84279B CHOC SPOON", vendor_name="Metro")
    assert (repeated.match_method, repeated.inventory_item_id) == ("fuzzy_auto", spoon.inventory_item_id)
    assert buy(database, user_id, "7", "91234C CHOC SPOON", vendor_name="Other").match_method == "fuzzy_review"


def test_numbers_that_differ_in_large_letters_are_one(database: Database, user_id: UUID) -> None:
    buy(database, user_id, "85123A", "HANGING HEART HOLDER")
    assert buy(database, user_id, "85123a", "HANGING HEART HOLDER").match_method == "fuzzy_auto"


def test_another_number_and_other_words_of_one_vendor_are_another_item(database: Database, user_id: UUID) -> None:
    buy(database, user_id, "A-7", "OLIVE OIL EXTRA VIRGIN")
    sent = invoice(line("A-8", description="OLIVE OIL EXTRA VIRGIN ITALIAN", quantity=7))
    result = database.process_invoice(user_id, sent)
    assert result.lines[0].match_method == "new"
    assert [type(warning) for warning in result.warnings] == [SimilarItem]
    other = buy(database, user_id, "4", "OLIVE OIL EXTRA VIRGIN SPANISH", vendor_name="Metro")
    assert other.match_method == "fuzzy_review"


def test_a_number_that_a_spreadsheet_has_ruined_is_none(database: Database, user_id: UUID) -> None:
    """7.6E+11 is many numbers: what comes under it goes by its description."""
    sent = invoice(
        line("7.6E+11", description="CLEANER LIQUID", pack_size="1 GAL"), line("7.6E+11", description="EGGS", pack_size="15 DZ")
    )
    result = database.process_invoice(user_id, sent)
    assert [(each.match_method, each.item_number) for each in result.lines] == [("new", None), ("new", None)]
    assert [type(warning) for warning in result.warnings] == [PlaceholderNumber] * 2


def test_a_number_given_to_other_goods_in_another_unit_is_another_item(database: Database, user_id: UUID) -> None:
    buy(database, user_id, "4711", "CLEANER LIQUID", pack_size="1 GAL")
    eggs = buy(database, user_id, "4711", "EGGS MEDIUM LOOSE", pack_size="15 DZ")
    assert (eggs.match_method, eggs.item_name, eggs.pack_quantity) == ("new", "EGGS MEDIUM LOOSE", Decimal(180))
    assert eggs.match_reasons[0] == "the item number is known for 'CLEANER LIQUID'"
    assert buy(database, user_id, "4711", "CLEANER LIQUID", pack_size="15 DZ").error_type is None
    assert buy(database, user_id, "4711", "CLEANER LIQUID", pack_size="15 LB").error_type == "unit_mismatch"


def test_a_pack_beside_one_in_review_says_why_it_is_in_review(database: Database, user_id: UUID) -> None:
    buy(database, user_id, "1", "LONDON GIN", pack_size="750 ML")
    assert buy(database, user_id, "2", "LONDON GIN", pack_size="1000 ML").match_method == "fuzzy_review"
    again = buy(database, user_id, "2", "LONDON GIN", pack_size="12/1000 ML")
    assert (again.match_method, again.match_reasons) == ("fuzzy_review", ("another pack of it waits for review",))


# ---- what is told ------------------------------------------------------------------------------------------------------------


def test_of_equally_likely_items_the_first_by_name_is_taken(database: Database, user_id: UUID) -> None:
    """Not the one with the lowest id, which is chance."""
    names = ("OLIVE GROVE RASPBERRY VODKA", "OLIVE GROVE VANILLA VODKA", "OLIVE GROVE CHERRY VODKA")
    database.process_invoice(user_id, invoice(*(line(str(at), description=name) for at, name in enumerate(names))))
    assert buy(database, user_id, "9", "OLIVE GROVE VODKA", vendor_name="Metro").item_name == "OLIVE GROVE CHERRY VODKA"


def test_ids_of_one_process_are_in_their_order() -> None:
    made = [uuid7() for _ in range(5_000)]
    assert made == sorted(made)
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}


@pytest.mark.parametrize("price", ["0", "5"])
def test_invoices_about_no_money_are_no_near_duplicates(database: Database, user_id: UUID, price: str) -> None:
    database.process_invoice(user_id, invoice(line("1", unit_price=price)))
    warnings = database.process_invoice(user_id, invoice(line("2", unit_price=price))).warnings
    assert len(warnings) == (price == "5")


def test_a_failed_line_says_what_it_was(database: Database, user_id: UUID) -> None:
    unread = line("4711", description="GLASS\tTUMBLER", pack_size="a box or so")
    sent = invoice(unread, line("12", description=["no"], quantity=1))
    for result in (database.process_invoice(user_id, sent), database.process_invoice(user_id, sent)):
        first, second = result.lines
        assert (first.item_number, first.description, first.pack_size) == ("4711", "GLASS TUMBLER", "a box or so")
        assert (second.item_number, second.description, second.error_type) == ("12", "", "invalid_text")


def test_an_invoice_without_a_good_line_takes_one_round_trip(database: Database, user_id: UUID) -> None:
    sent = invoice(line("1", quantity="none"), line("2", quantity="none"))
    first, again = (database.process_invoice(user_id, sent) for _ in range(2))
    assert (first.status, first.round_trips, first.replayed) == ("failed", 1, False)
    assert (again.status, again.round_trips, again.replayed) == ("failed", 1, True)
    mended = invoice(line("1"), line("2", quantity="none")) | {"invoice": sent["invoice"]}
    assert database.process_invoice(user_id, mended).status == "partial_success"

"""Bad input is told clearly: a whole invoice is refused with nothing written, a bad line fails alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import invoicedb
from invoicedb import Database
from invoicedb.errors import ErrorType, InvalidInvoice, NoInvoiceNumber, PlaceholderNumber, UnknownField, UnreadableDocument
from invoicedb.models import InvoiceData, InvoiceHeader, LineItem
from tests.builders import invoice, line
from tests.wire.test_round_trips import goods


def rows_in(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        return sum(len(connection.execute(f"SELECT FROM {table}").fetchall()) for table in invoicedb.schema.metadata.tables)


REFUSED: list[tuple[Any, str]] = [
    (None, "object"),
    ([], "object"),
    (7, "object"),
    ({}, "invoice"),
    ({"invoice": [], "line_items": [line()]}, "invoice"),
    (invoice(vendor_name=None), "vendor_name"),
    (invoice(vendor_name="  "), "vendor_name"),
    (invoice(vendor_name="\u200b"), "vendor_name"),
    (invoice(vendor_name="V" * 256), "vendor_name"),
    (invoice(vendor_name="A\x07B"), "vendor_name"),
    (invoice(vendor_name=12), "vendor_name"),
    (invoice(invoice_date=None), "invoice_date"),
    (invoice(invoice_date="2026-02-30"), "invoice_date"),
    (invoice(invoice_date="02/03/2026"), "YYYY-MM-DD"),
    (invoice(invoice_date="20260105"), "YYYY-MM-DD"),
    (invoice(invoice_date="2026-W01-1"), "YYYY-MM-DD"),
    (invoice(invoice_date="infinity"), "YYYY-MM-DD"),
    (invoice(invoice_date="0001-01-01"), "1900"),
    (invoice(invoice_date="9999-12-31"), "2199"),
    (invoice(invoice_date=datetime(2026, 1, 5)), "without a time"),
    (invoice(invoice_number="N" * 256), "invoice_number"),
    (invoice(invoice_number=True), "invoice_number"),
    (invoice(currency="XYZ"), "currency"),
    (invoice(currency=5), "currency"),
    ({**invoice(), "line_items": None}, "line_items"),
    ({**invoice(), "line_items": []}, "line_items"),
    ({**invoice(), "line_items": {"1": line()}}, "line_items"),
    ({**invoice(), "line_items": "lines"}, "line_items"),
    (invoice(line(line_number=2), line(line_number=2)), "two lines"),
    (invoice(line(line_number=0)), "line_number"),
    (invoice(line(line_number=2**31)), "line_number"),
    (invoice(line(description="NUL \0 inside")), "line_items[0].description"),
    (invoice(vendor_name="Sys\0co"), "invoice.vendor_name"),
    (invoice(line(extra={"deep": ["\0"]})), "extra.deep[0]"),
    (invoice(line(description="\ud800")), "line_items[0].description"),
]


@pytest.mark.parametrize(("document", "named"), REFUSED, ids=[f"{number}-{named}" for number, (_, named) in enumerate(REFUSED)])
def test_a_bad_document_is_refused_by_name_with_nothing_written(
    database: Database, dsn: str, user_id: UUID, document: Any, named: str
) -> None:
    with pytest.raises(InvalidInvoice) as caught:
        database.process_invoice(user_id, document)
    assert named in str(caught.value)
    assert rows_in(dsn) == 0


@pytest.mark.parametrize("bad", ["", "not a uuid", "urn:uuid", 5, None, UUID(int=0), "0192f0c1-2b3c-7d4e-8f50"])
def test_malformed_ids_are_refused(database: Database, user_id: UUID, bad: Any) -> None:
    with pytest.raises(InvalidInvoice, match="user_id"):
        database.process_invoice(bad, invoice())
    if bad is not None:
        with pytest.raises(InvalidInvoice, match="invoice_id"):
            database.process_invoice(user_id, invoice(), bad)


UNREADABLE: list[tuple[str | bytes, tuple[int | None, int | None]]] = [
    ("", (1, 1)),
    ('{"invoice": {},\n "line_items": [}', (2, 17)),
    ('{"a": 1} {"b": 2}', (1, 10)),
    ('{"a": 1, "a": 2}', (None, None)),
    (b'{"vendor": "Caf\xe9"}', (None, None)),
    ("[" * 100_000, (None, None)),
    ('{"n": ' + "9" * 5_000 + "}", (None, None)),
]


@pytest.mark.parametrize(("text", "place"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_unreadable_json_is_refused_with_its_place(
    database: Database, dsn: str, user_id: UUID, text: str | bytes, place: tuple[int | None, int | None]
) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        database.process_invoice(user_id, text)
    assert (caught.value.line, caught.value.column) == place
    assert rows_in(dsn) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_is_taken_in_any_encoding_that_says_which(database: Database, user_id: UUID, encoding: str) -> None:
    text = json.dumps(invoice(vendor_name="Café"), ensure_ascii=False)
    assert database.process_invoice(user_id, text.encode(encoding)).vendor_name == "Café"


FAILED: list[tuple[Any, ErrorType]] = [
    (None, ErrorType.NOT_AN_OBJECT),
    ("line", ErrorType.NOT_AN_OBJECT),
    ([1], ErrorType.NOT_AN_OBJECT),
    (line(None, description=None), ErrorType.MISSING_DESCRIPTION),
    (line(" ", description="\u200b "), ErrorType.MISSING_DESCRIPTION),
    (line("#N/A", description=""), ErrorType.MISSING_DESCRIPTION),
    (line(description="D" * 2001), ErrorType.INVALID_TEXT),
    (line(description=["beef"]), ErrorType.INVALID_TEXT),
    (line() | {"item_number": 1.5}, ErrorType.INVALID_TEXT),
    (line("N" * 256), ErrorType.INVALID_TEXT),
    (line(quantity=None), ErrorType.INVALID_QUANTITY),
    (line(quantity=""), ErrorType.INVALID_QUANTITY),
    (line(quantity="two"), ErrorType.INVALID_QUANTITY),
    (line(quantity=True), ErrorType.INVALID_QUANTITY),
    (line(quantity=[2]), ErrorType.INVALID_QUANTITY),
    (line(quantity="1,5"), ErrorType.INVALID_QUANTITY),
    (line(quantity="1_000"), ErrorType.INVALID_QUANTITY),
    (line(quantity="\uff11\uff12"), ErrorType.INVALID_QUANTITY),
    (line(quantity="1e3"), ErrorType.INVALID_QUANTITY),
    (line(quantity=float("nan")), ErrorType.INVALID_QUANTITY),
    (line(quantity=float("inf")), ErrorType.INVALID_QUANTITY),
    (line(quantity=Decimal("NaN")), ErrorType.INVALID_QUANTITY),
    (line(quantity=Decimal("sNaN")), ErrorType.INVALID_QUANTITY),
    (line(quantity=Decimal("1e1000000")), ErrorType.INVALID_QUANTITY),
    (line(quantity=10**15), ErrorType.INVALID_QUANTITY),
    (line(quantity="0.0000000001"), ErrorType.INVALID_QUANTITY),
    (line(quantity=0.1 + 0.2), ErrorType.INVALID_QUANTITY),
    (line(quantity=0), ErrorType.ZERO_QUANTITY),
    (line(quantity="-0.0"), ErrorType.ZERO_QUANTITY),
    (line(quantity=-2, line_total="60.00"), ErrorType.INVALID_TOTAL),
    (line(kind="gift"), ErrorType.INVALID_KIND),
    (line(kind="rebate"), ErrorType.INVALID_KIND),
    (line(kind="freight", unit_price="none"), ErrorType.INVALID_PRICE),
    (line(weight="0", weight_unit="LB"), ErrorType.ZERO_QUANTITY),
    (line(weight="61.4"), ErrorType.INVALID_TEXT),
    (line(weight="61.4", weight_unit="GAL"), ErrorType.UNIT_MISMATCH),
    (line(unit_price=None), ErrorType.INVALID_PRICE),
    (line(unit_price="$5"), ErrorType.INVALID_PRICE),
    (line(unit_price="1.234,50"), ErrorType.INVALID_PRICE),
    (line(unit_price=1e308), ErrorType.INVALID_PRICE),
    (line(unit_price="-1"), ErrorType.NEGATIVE_PRICE),
    (line(line_total="many"), ErrorType.INVALID_TOTAL),
    (line(line_total=-1), ErrorType.INVALID_TOTAL),
    (line(pack_size="6/5 XX"), ErrorType.UNREADABLE_PACK_SIZE),
    (line(pack_size="0/5 LB"), ErrorType.UNREADABLE_PACK_SIZE),
    (line(pack_size="6/5/4/3 LB"), ErrorType.UNREADABLE_PACK_SIZE),
    (line(pack_size=6), ErrorType.UNREADABLE_PACK_SIZE),
    (line(pack_size="1/2 LB"), ErrorType.AMBIGUOUS_PACK_SIZE),
    (line(pack_size=["6/5 LB"]), ErrorType.INVALID_TEXT),
]


@pytest.mark.parametrize(("bad", "error_type"), FAILED, ids=[f"{number}-{kind}" for number, (_, kind) in enumerate(FAILED)])
def test_a_bad_line_fails_alone_among_good_ones(database: Database, user_id: UUID, bad: Any, error_type: ErrorType) -> None:
    good = [line(f"G{place}") for place in range(3)]
    result = database.process_invoice(user_id, invoice(*good[:2], bad, *good[2:]))
    assert result.status == "partial_success"
    assert [(failed.line_number, failed.error_type) for failed in result.failed] == [(3, error_type)]
    assert result.failed[0].error
    assert len(database.stock(user_id)) == 3
    assert database.process_invoice(user_id, invoice(bad)).status == "failed"


def test_a_bad_pack_size_says_what_is_understood(database: Database, user_id: UUID) -> None:
    [failed] = database.process_invoice(user_id, invoice(line(pack_size="6/5 XX"))).failed
    assert failed.error is not None
    assert "'6/5 XX'" in failed.error
    assert "6/5 LB" in failed.error


def test_a_unit_of_another_dimension_fails_its_line(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("7", pack_size="6/5 LB")))
    [failed] = database.process_invoice(user_id, invoice(line("7", pack_size="4/1 GAL"))).failed
    assert (failed.error_type, failed.line_number) == ("unit_mismatch", 1)


def test_unless_the_item_has_a_conversion(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("7", pack_size="1 KG")))
    with psycopg.connect(dsn) as connection:
        connection.execute("""UPDATE inventory_items SET conversions = '{"each": "150"}'""")
    result = database.process_invoice(user_id, invoice(line("7", quantity="1.5", pack_size="12 CT")))
    assert result.lines[0].quantity_change == Decimal("2700")


def test_numbers_are_taken_by_their_decimal_text(database: Database, user_id: UUID) -> None:
    [booked] = database.process_invoice(user_id, invoice(line(quantity=0.1, unit_price=" 19.99 ", pack_size="1 KG"))).lines
    assert (booked.quantity, booked.unit_price, booked.quantity_change) == (Decimal("0.1"), Decimal("19.99"), Decimal(100))


def test_the_callers_decimal_context_changes_nothing(database: Database, user_id: UUID) -> None:
    with localcontext() as context:
        context.prec = 3
        [booked] = database.process_invoice(user_id, invoice(line(quantity="1234.5678", unit_price="9.87"))).lines
        preview = database.preview(user_id, invoice(line("8", quantity="1234.5678", unit_price="9.87")))
    assert booked.total_cost == preview.lines[0].total_cost == Decimal("12185.18")
    assert database.list_invoices(user_id)[0].total == Decimal("12185.18")


def test_a_misspelt_field_is_warned_of(database: Database, user_id: UUID) -> None:
    misspelt = line(descripton="x")
    warnings = database.process_invoice(user_id, invoice(misspelt)).warnings
    assert [(type(one), getattr(one, "meant", None)) for one in warnings] == [(UnknownField, "description")]


def test_the_pydantic_model_is_taken(database: Database, user_id: UUID) -> None:
    data = InvoiceData(
        invoice=InvoiceHeader(vendor_name="Sysco", invoice_date="2026-01-05", invoice_number="1"),
        line_items=(LineItem(description="Flour", quantity="2", unit_price=12.5, pack_size="50 LB"),),
    )
    assert database.process_invoice(user_id, data).status == "success"


def test_ten_thousand_lines_are_one_invoice(database: Database, user_id: UUID) -> None:
    many = invoice(*(line(f"N{place}", description=goods(place)) for place in range(10_000)))
    assert database.process_invoice(user_id, many).round_trips == 2
    result = database.process_invoice(user_id, deepcopy(many))
    assert (result.replayed, result.round_trips, len(result.booked)) == (True, 1, 10_000)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["item_number", "description", "quantity", "unit_price", "line_total", "pack_size", "category", "other"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anything=st.lists(st.dictionaries(FIELDS, json_values, max_size=8) | json_values, min_size=1, max_size=5))
def test_whatever_the_lines_hold_good_ones_are_booked(database: Database, anything: list[Any]) -> None:
    """Nothing but our own errors, and whoever sends it again gets the same answer."""
    user_id = uuid4()
    document = invoice(line("good"), *anything)
    try:
        result = database.process_invoice(user_id, document)
    except InvalidInvoice as refused:
        assert refused.reason
        return
    assert result.lines[0].is_booked
    assert database.process_invoice(user_id, document).lines == result.lines


# ---- what is taken, and how --------------------------------------------------------------------------------------------------


def test_a_missing_number_is_told(database: Database, user_id: UUID) -> None:
    [warning] = database.process_invoice(user_id, invoice(line("1"), invoice_number=" ")).warnings
    assert isinstance(warning, NoInvoiceNumber)


def test_a_placeholder_for_a_number_is_told_and_is_no_number(database: Database, user_id: UUID) -> None:
    result = database.process_invoice(user_id, invoice(line("#N/A", description="BEEF"), line("12")))
    [warning] = result.warnings
    assert isinstance(warning, PlaceholderNumber)
    assert (warning.line_number, warning.text, result.lines[0].item_number) == (1, "#N/A", None)


LISTS: list[tuple[str, dict[str, Any]]] = [
    ("list_invoices", {}),
    ("stock", {}),
    ("prices", {}),
    ("prices", {"vendor_name": "Sysco"}),
    ("prices", {"item_id": UUID(int=1)}),
    ("valuation", {}),
    ("purchases", {}),
    ("purchases", {"by": "item"}),
    ("item_prices", {"item_id": UUID(int=1)}),
    ("items_named", {"text": "beef"}),
    ("review_queue", {}),
    ("explain", {"item_id": UUID(int=1)}),
]
"""The calls that answer with a page, and what else they must be told."""

NO_NUMBER_OF_ROWS = (0, -1, 10**30, 1.5, "10", True, None)
NO_DAY = ("x", "", 0, "2026-03-01", datetime(2026, 3, 1))


@pytest.mark.parametrize(("name", "told"), LISTS)
def test_what_no_list_can_be_asked_for_is_a_value_error(
    database: Database, user_id: UUID, name: str, told: dict[str, Any]
) -> None:
    ask: Callable[..., Any] = getattr(database, name)
    for limit in NO_NUMBER_OF_ROWS:
        with pytest.raises(ValueError, match="limit is a number of rows"):
            ask(user_id, **told, limit=limit)
    for field in ("since", "until") if name in ("list_invoices", "prices", "purchases") else ():
        for day in NO_DAY:
            with pytest.raises(ValueError, match=f"{field} is a datetime.date, not"):
                ask(user_id, **told, **{field: day})


@pytest.mark.parametrize("status", ["foo", "", "SUCCESS", 1, []])
def test_a_status_that_no_invoice_has_is_a_value_error(database: Database, user_id: UUID, status: Any) -> None:
    database.process_invoice(user_id, invoice())
    with pytest.raises(ValueError, match="success, partial_success, failed, not"):
        database.list_invoices(user_id, status=status)
    assert len(database.list_invoices(user_id, status="success")) == 1


async def test_a_verification_by_no_number_of_rows_is_a_value_error_at_once(
    database: Database, dsn: str, user_id: UUID
) -> None:
    async with invoicedb.connect_async(dsn) as awaited:
        verifications: tuple[Callable[..., Any], ...] = (database.verify, awaited.verify)
        for verify in verifications:
            for batch in NO_NUMBER_OF_ROWS:
                with pytest.raises(ValueError, match="batch is a number of rows"):
                    verify(user_id, batch=batch)


def test_a_blank_currency_is_none(database: Database, user_id: UUID) -> None:
    assert database.process_invoice(user_id, invoice(line("1"), currency="  ")).currency is None


def test_composed_and_decomposed_letters_are_one_text(database: Database, user_id: UUID) -> None:
    composed, decomposed = (invoice(line("1", description=text), invoice_number="C-1") for text in ("CAF\u00c9", "CAFE\u0301"))
    database.process_invoice(user_id, composed)
    again = database.process_invoice(user_id, decomposed)
    assert (again.replayed, again.lines[0].description) == (True, "CAF\u00c9")


def test_control_characters_of_a_line_are_blanks(database: Database, user_id: UUID) -> None:
    [booked] = database.process_invoice(
        user_id, invoice(line("1", description="BEEF\x07\x1b GROUND", category="\tdry  "))
    ).lines
    assert (booked.description, booked.category) == ("BEEF GROUND", "dry")


def test_a_heap_of_accents_fails_its_line(database: Database, user_id: UUID) -> None:
    result = database.process_invoice(user_id, invoice(line("1", description="A" + "\u0301" * 1000), line("2")))
    assert [each.error_type for each in result.lines] == ["invalid_text", None]


def test_no_name_holds_marks_that_turn_its_direction(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1", description="BEEF \u202eGNUORG"), vendor_name="Sys\u2066co"))
    assert [level.name for level in database.stock(user_id)] == ["BEEF GNUORG"]
    assert [each.vendor_name for each in database.list_invoices(user_id)] == ["Sysco"]

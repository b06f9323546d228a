"""A catalog as a file: CSV as spreadsheets write it, or JSON; what is wrong is told with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from invoicedb import UnreadableDocument, read_catalog

ROW = {"name": "Flour, fine", "opening_quantity": "2.5", "opening_unit": "50 LB"}


@pytest.mark.parametrize(
    "text",
    [
        'name,opening_quantity,opening_unit\n"Flour, fine",2.5,50 LB\n',
        "Name;Opening Quantity;OPENING_UNIT;category\r\nFlour, fine; 2.5 ;50 LB;\r\n;;;\r\n",
        "\n\nname\topening quantity\topening unit\nFlour, fine\t2.5\t50 LB",
        '[{"name": "Flour, fine", "opening_quantity": "2.5", "opening_unit": "50 LB"}]',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_rows_come_out_the_same(text: str, encoding: str) -> None:
    assert read_catalog(text.encode(encoding)) == [ROW]
    assert read_catalog(text) == [ROW]


def test_numbers_in_json_are_exact() -> None:
    assert read_catalog('[{"name": "Flour", "opening_quantity": 0.1}]')[0]["opening_quantity"] == Decimal("0.1")


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("", 1, 1, "empty"),
        ("name,opening_quantiti\nFlour,1\n", 1, 2, "did you mean opening_quantity?"),
        ("name,category,Name\n", 1, 3, "there twice"),
        ("name\nFlour\nSalt,fine\n", 3, 2, "in no column"),
        ('name,category\n"Flour,dry\n', 2, 1, "unexpected end"),
        ('{"name": "Flour"}', 1, 1, "list of objects"),
        ('[{"name": "Flour"},\n {]', 2, 3, "property name"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        read_catalog(text.encode(), source="stock.csv")
    assert (refused.value.line, refused.value.column, refused.value.source) == (line, column, "stock.csv")
    assert said in str(refused.value)


def test_bytes_that_are_no_text_are_told() -> None:
    with pytest.raises(UnreadableDocument, match="UTF-8"):
        read_catalog(b"name\nCr\xe8me\n")

"""`invoicedb stock`, `prices`, `purchases` and `migrate`."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run


@pytest.fixture
def booked(database: Database, user_id: UUID) -> None:
    """Beef in January and February, dearer; oil in February."""
    beef, oil = line("1", description="GROUND BEEF"), line("2", description="OLIVE OIL", pack_size="6/1 L", unit_price="74.1")
    database.process_invoice(user_id, invoice(beef, vendor_name="Harbor", invoice_date="2026-01-10"))
    database.process_invoice(
        user_id, invoice(beef | {"unit_price": "33"}, oil, vendor_name="Harbor", invoice_date="2026-02-10")
    )


def table(text: str) -> list[list[str]]:
    """The rows below the head, cells split at two blanks."""
    return [[cell.strip() for cell in row.split("  ") if cell.strip()] for row in text.splitlines()[1:] if row]


@pytest.mark.usefixtures("booked")
def test_stock(run: Run) -> None:
    done = run("stock")
    assert done.exit_code == 0
    assert table(done.stdout) == [
        ["GROUND BEEF", "54431.0844", "g", "33.00", "2026-02-10"],
        ["OLIVE OIL", "12000", "ml", "74.10", "2026-02-10"],
    ]


@pytest.mark.usefixtures("booked")
def test_stock_as_json(run: Run) -> None:
    beef, oil = json.loads(run("stock", "--json").stdout)
    assert (beef["current_quantity"], beef["last_purchase_price"]) == ("54431.0844", "33")
    assert (oil["name"], oil["base_unit"], oil["last_purchase_date"]) == ("OLIVE OIL", "ml", "2026-02-10")


@pytest.mark.usefixtures("booked")
def test_a_terminal_gets_thousands_and_frames(run: Run) -> None:
    shown = run("stock", env={"FORCE_COLOR": "1", "COLUMNS": "120"}).stdout
    assert "54,431.0844" in shown
    assert "─" in shown


@pytest.mark.usefixtures("booked")
def test_prices(run: Run) -> None:
    done = run("prices")
    assert done.exit_code == 0
    assert table(done.stdout) == [
        ["2026-01-10", "GROUND BEEF", "Harbor", "6/5 LB", "30.00", "-", "-"],
        ["2026-02-10", "GROUND BEEF", "Harbor", "6/5 LB", "33.00", "30.00", "+10%"],
        ["2026-02-10", "OLIVE OIL", "Harbor", "6/1 L", "74.10", "-", "-"],
    ]


@pytest.mark.usefixtures("booked")
def test_prices_per_base_unit(run: Run) -> None:
    rows = table(run("prices", "--changed", "--per-unit").stdout)
    assert rows == [
        ["2026-02-10", "GROUND BEEF", "Harbor", "6/5 LB", "33.00", "30.00", "+10%", "0.0024250849", "0.0022046226", "g"]
    ]
    [point] = json.loads(run("prices", "--changed", "--json").stdout)
    assert (point["base_unit_price"], point["previous_base_unit_price"]) == ("0.0024250849", "0.0022046226")


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--changed"], ["33"]),
        (["--since", "2026-02-01"], ["33", "74.1"]),
        (["--until", "2026-02-09"], ["30"]),
        (["--item", "beef"], ["30", "33"]),
        (["--item", "beef", "--limit", "1"], ["30"]),
        (["--item", "tea"], []),
        (["--vendor", "harbor", "--since", "2026-02-01"], ["33", "74.1"]),
        (["--vendor", "Metro"], []),
        (["--at-least", "10"], ["33"]),
        (["--at-least", "10.01%"], []),
    ],
)
def test_prices_are_filtered(run: Run, options: list[str], found: list[str]) -> None:
    assert [point["unit_price"] for point in json.loads(run("prices", "--json", *options).stdout)] == found


@pytest.mark.usefixtures("booked")
def test_prices_of_an_item_by_its_id(run: Run, database: Database, user_id: UUID) -> None:
    oil = database.stock(user_id)[1]
    (point,) = json.loads(run("prices", "--json", "--item", str(oil.id)).stdout)
    assert point["item_name"] == "OLIVE OIL"


@pytest.mark.parametrize("threshold", ["some", "-1", "NaN"])
def test_a_threshold_is_a_percentage(run: Run, threshold: str) -> None:
    done = run("prices", f"--at-least={threshold}")
    assert done.exit_code == 2
    assert repr(threshold) in done.stderr


@pytest.mark.usefixtures("booked")
def test_the_worth_of_the_stock(run: Run) -> None:
    done = run("stock", "--value")
    assert done.exit_code == 0
    values, together = done.stdout.split("\nTogether\n")
    assert table(values) == [
        ["GROUND BEEF", "54431.0844", "g", "132.00", "-", "0.0023148538", "126.00", "no currency"],
        ["OLIVE OIL", "12000", "ml", "148.20", "-", "0.01235", "148.20", "no currency"],
    ]
    assert table(together) == [["at last price", "280.20", "no currency"], ["at average", "274.20", "no currency"]]
    beef = json.loads(run("stock", "--value", "--json").stdout)[0]
    assert (beef["last_value"], beef["average_value"], beef["currencies"]) == ("132", "126", [None])


@pytest.mark.usefixtures("booked")
def test_values_of_several_currencies_stay_apart(run: Run, database: Database, user_id: UUID) -> None:
    oil = line("2", description="OLIVE OIL", pack_size="6/1 L", unit_price="80")
    database.process_invoice(user_id, invoice(oil, vendor_name="Harbor", invoice_date="2026-03-10", currency="EUR"))
    shown = run("stock", "--value").stdout
    assert "EUR, no currency" in shown
    assert "Without an average cost: 1 item." in shown
    assert ["at last price", "320.00", "EUR"] in table(shown)


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], [["Harbor", "274.20", "-", "2", "3"]]),
        (["--since", "2026-02-01"], [["Harbor", "214.20", "-", "1", "2"]]),
        (["--monthly"], [["Harbor", "2026-01", "60.00", "-", "1", "1"], ["Harbor", "2026-02", "214.20", "-", "1", "2"]]),
        (["--by", "category"], [["-", "274.20", "-", "2", "3"]]),
        (["--by", "item", "--limit", "1"], [["GROUND BEEF", "126.00", "-", "2", "2", "54431.0844", "g"]]),
    ],
)
def test_purchases(run: Run, options: list[str], found: list[list[str]]) -> None:
    done = run("purchases", *options)
    assert done.exit_code == 0
    assert table(done.stdout) == found


@pytest.mark.usefixtures("booked")
def test_purchases_as_json(run: Run) -> None:
    [harbor] = json.loads(run("purchases", "--by", "vendor", "--since", "2026-01-01", "--json").stdout)
    assert (harbor["name"], harbor["total"], harbor["document_count"], harbor["line_count"]) == ("Harbor", "274.2", 2, 3)


def test_lists_go_on_past_a_page(run: Run, database: Database, user_id: UUID) -> None:
    lines = [line(f"{number:05}", description=None) for number in range(2001)]  # a number alone is matched to nothing
    database.process_invoice(user_id, invoice(*lines))
    assert len(json.loads(run("stock", "--json").stdout)) == 2001
    assert len(table(run("prices").stdout)) == 2001


@pytest.mark.usefixtures("booked")
def test_a_limit_is_not_silent(run: Run) -> None:
    cut, whole = run("prices", "--limit", "2"), run("prices", "--limit", "3")
    assert (len(table(cut.stdout)), len(table(whole.stdout))) == (2, 3)
    assert cut.stderr == "invoicedb: there are more than these 2 rows (--limit)\n"
    assert whole.stderr == ""


def test_nothing_yet(run: Run) -> None:
    assert run("stock").stdout.startswith("No items yet")
    assert run("stock", "--value").stdout.startswith("No items yet")
    assert run("prices").stdout == "No such prices.\n"
    assert run("purchases").stdout == "Nothing was bought.\n"
    assert json.loads(run("prices", "--json").stdout) == []


def test_migrate_is_safe_to_repeat(run: Run) -> None:
    assert run("migrate").exit_code == 0
    assert json.loads(run("migrate", "--json").stdout) == {"status": "success", "schema": None}


def test_a_schema_of_its_own(run: Run) -> None:
    assert run("stock", "--schema", "purchasing").exit_code == 3
    assert run("migrate", "--schema", "purchasing").exit_code == 0
    assert run("ingest", "--schema", "purchasing", "-", input=json.dumps(invoice())).exit_code == 0
    assert len(json.loads(run("stock", "--json", "--schema", "purchasing").stdout)) == 1
    assert run("stock", "--json").stdout == "[]\n"


def test_a_role_without_rights_gets_one_line(run: Run, dsn: str) -> None:
    name = f"weak_{uuid4().hex}"
    role = sql.Identifier(name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {}").format(role))
        try:
            done = run("migrate", "--schema", "elsewhere", "--dsn", make_conninfo(dsn, options=f"-c role={name}"))
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(role))
    assert done.exit_code == 3
    (message,) = done.stderr.splitlines()
    assert "permission denied" in message

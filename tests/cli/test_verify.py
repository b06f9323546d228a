"""`invoicedb verify` and `explain`."""

from __future__ import annotations

import json
from uuid import UUID

import psycopg
import pytest

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run


@pytest.fixture
def booked(database: Database, user_id: UUID) -> str:
    """The id of the beef in it."""
    sent = invoice(line("1", description="GROUND BEEF"), line("2", description="BEEF JERKY"), invoice_number="A-1")
    return str(database.process_invoice(user_id, sent).lines[0].inventory_item_id)


@pytest.fixture
def broken(dsn: str, booked: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE inventory_items SET current_quantity = 5 WHERE id = %s", [booked])


@pytest.mark.usefixtures("booked")
def test_where_all_follows_it_says_so(run: Run) -> None:
    done = run("verify")
    assert (done.exit_code, done.stdout) == (0, "No differences.\n")


@pytest.mark.usefixtures("broken")
def test_a_difference_ends_with_1_until_it_is_repaired(run: Run) -> None:
    found = run("verify")
    assert found.exit_code == 1
    assert "item 'GROUND BEEF': current_quantity is 5, not 27215.5422: its movements" in found.stdout
    assert "1 difference, 0 repaired." in found.stdout
    mended = run("verify", "--repair")
    assert (mended.exit_code, "(repaired)" in mended.stdout, "1 repaired." in mended.stdout) == (0, True, True)
    assert run("verify").exit_code == 0


@pytest.mark.usefixtures("broken")
def test_differences_as_json_are_a_document_a_line(run: Run, booked: str) -> None:
    done = run("verify", "--json")
    [found] = map(json.loads, done.stdout.splitlines())
    assert (done.exit_code, found["kind"], found["item_id"], found["column"]) == (1, "stock", booked, "current_quantity")
    assert (found["stored"], found["expected"], found["repaired"]) == ("5", "27215.5422", False)
    assert run("verify", "--json", "--repair").exit_code == 0


def test_an_item_is_explained_by_its_id_or_its_name(run: Run, booked: str) -> None:
    for item in (booked, "ground", "GROUND BEEF"):
        done = run("explain", item)
        assert done.exit_code == 0
        assert "invoice A-1" in done.stdout
        assert "27215.5422" in done.stdout


def test_an_explanation_as_json(run: Run, booked: str) -> None:
    found = json.loads(run("explain", booked, "--json").stdout)
    assert (found["item"]["name"], found["movements"][0]["stock_after"]) == ("GROUND BEEF", "27215.5422")
    assert (found["movements"][0]["invoice_number"], found["movements"][0]["match_method"]) == ("A-1", "new")


def test_a_text_that_names_several_items_lists_them(run: Run, booked: str) -> None:
    done = run("explain", "beef")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{booked} GROUND BEEF" in done.stderr
    assert "BEEF JERKY" in done.stderr
    assert run("explain", "nothing such").exit_code == 2
    assert run("explain", "0192f0c1-2b3c-7d4e-8f50-617283940a1b").exit_code == 2

"""`invoicedb void`, `replace` and `retry`."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run, WriteJson


@pytest.fixture
def booked(database: Database, user_id: UUID) -> str:
    sent = invoice(line("1", description="GROUND BEEF"), invoice_number="A-1")
    return str(database.process_invoice(user_id, sent).invoice_id)


def stock(run: Run) -> list[str]:
    return [level["current_quantity"] for level in json.loads(run("stock", "--json").stdout)]


def test_a_dry_run_shows_and_a_void_takes_back(run: Run, booked: str) -> None:
    shown = run("void", booked, "--dry-run")
    assert (shown.exit_code, "Invoice A-1 of Sysco, 2026-03-02, would be voided." in shown.stdout) == (0, True)
    assert stock(run) == ["27215.5422"]
    assert "-27215.5422" in run("void", booked, "--reason", "keyed twice", "--by", "Ann").stdout
    assert stock(run) == ["0"]


def test_voiding_again_says_so(run: Run, booked: str) -> None:
    first = run("void", booked, "--reason", "keyed twice", "--by", "Ann")
    assert "is voided by Ann because of keyed twice." in first.stdout
    again = run("void", booked, "--json")
    assert (again.exit_code, json.loads(again.stdout)["replayed"], json.loads(again.stdout)["reason"]) == (
        0,
        True,
        "keyed twice",
    )


def test_replace(run: Run, write: WriteJson, booked: str) -> None:
    mended = write("mended.json", invoice(line("1", description="GROUND BEEF", quantity="1"), invoice_number="A-1"))
    assert "Nothing was written" in run("replace", booked, mended, "--dry-run").stdout
    assert stock(run) == ["27215.5422"]
    done = run("replace", booked, mended, "--reason", "miscounted", "--json")
    assert (done.exit_code, json.loads(done.stdout)["status"]) == (0, "success")
    assert stock(run) == ["13607.7711"]


def test_replace_shows_what_is_taken_back(run: Run, write: WriteJson, booked: str) -> None:
    mended = write("mended.json", invoice(line("1", description="GROUND BEEF", quantity="1"), invoice_number="A-1"))
    for arguments in (["--dry-run"], []):
        shown = run("replace", booked, mended, *arguments).stdout
        assert "Taken back" in shown
        assert "-27215.5422" in shown


def test_replace_books_by_the_policies_that_ingest_has(run: Run, write: WriteJson, booked: str) -> None:
    beef = line("1", description="GROUND BEEF")
    wrong = write("wrong.json", invoice(beef, invoice_number="A-1", total="61"))
    assert run("replace", booked, wrong, "--totals", "refuse").exit_code == 1
    back = write("back.json", invoice(beef | {"quantity": "-3"}, invoice_number="A-1"))
    assert run("replace", booked, back, "--excess-returns", "refuse").exit_code == 1
    freight = write("freight.json", invoice(beef, invoice_number="A-1", charges=[{"amount": "6", "kind": "freight"}]))
    done = run("replace", booked, freight, "--spread", "value", "--json")
    assert [each["total_cost"] for each in json.loads(done.stdout)["lines"]] == ["66", None]


def test_retry_refuses_excess_returns_where_it_is_asked_to(
    run: Run, write: WriteJson, database: Database, user_id: UUID, booked: str
) -> None:
    counted = invoice(line("1", description="GROUND BEEF", pack_size="40 CT", quantity="-9"))
    failed = json.loads(run("ingest", write("counted.json", counted), "--json").stdout)
    database.set_conversions(user_id, database.stock(user_id)[0].id, {"each": "150 g"})
    assert run("retry", failed["invoice_id"], "--excess-returns", "refuse").exit_code == 2
    assert stock(run) == ["27215.5422"]
    assert run("retry", failed["invoice_id"]).exit_code == 0


def test_retry(run: Run, write: WriteJson, database: Database, user_id: UUID, booked: str) -> None:
    [beef] = database.stock(user_id)
    counted = write("counted.json", invoice(line("1", description="GROUND BEEF", pack_size="40 CT")))
    failed = run("ingest", counted, "--json")
    assert failed.exit_code == 1
    database.set_conversions(user_id, beef.id, {"each": "150 g"})
    assert run("retry", json.loads(failed.stdout)["invoice_id"]).exit_code == 0
    assert stock(run) == ["39215.5422"]


def test_what_is_no_invoice_is_told_in_one_line(run: Run) -> None:
    done = run("void", str(uuid4()))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no invoice" in done.stderr

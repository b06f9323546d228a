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

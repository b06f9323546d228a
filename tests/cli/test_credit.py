"""`invoicedb credit` and `lock`, and the policies of a booking on the command line."""

from __future__ import annotations

import json

import pytest

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run, WriteJson


@pytest.fixture
def bought(run: Run, write: WriteJson) -> str:
    """Two cases of beef, invoice A-1; its id."""
    done = run("ingest", write("a1.json", invoice(line("1", description="GROUND BEEF"), invoice_number="A-1")), "--json")
    return str(json.loads(done.stdout)["invoice_id"])


def stock(run: Run) -> list[str]:
    return [level["current_quantity"] for level in json.loads(run("stock", "--json").stdout)]


def returned(write: WriteJson, quantity: str, **head: str) -> str:
    back = line("1", description="GROUND BEEF", quantity=quantity)
    return write("memo.json", invoice(back, corrects="A-1", invoice_number="C-1", **head))


def test_a_memo_need_not_say_that_it_is_one(run: Run, write: WriteJson, bought: str) -> None:
    memo = returned(write, "1")
    assert "Nothing was written." in run("credit", memo, "--dry-run").stdout
    assert stock(run) == ["27215.5422"]
    done = run("credit", memo)
    assert (done.exit_code, stock(run)) == (0, ["13607.7711"])
    assert "replayed" in json.dumps(json.loads(run("credit", memo, "--json").stdout))


def test_an_invoice_is_no_memo(run: Run, write: WriteJson, bought: str) -> None:
    done = run("credit", returned(write, "1", document_type="invoice"))
    assert (done.exit_code, stock(run)) == (2, ["27215.5422"])
    assert "invoicedb ingest" in done.stderr


def test_more_back_than_bought_is_told_or_refused(run: Run, write: WriteJson, bought: str) -> None:
    memo = returned(write, "3")
    refused = run("credit", memo, "--excess-returns", "refuse")
    assert (refused.exit_code, "GROUND BEEF" in refused.stderr, stock(run)) == (1, True, ["27215.5422"])
    done = run("credit", memo, "--json")
    assert (done.exit_code, len(json.loads(done.stdout)["warnings"])) == (0, 2)


def test_a_document_that_does_not_add_up_is_told_or_refused(run: Run, write: WriteJson) -> None:
    wrong = write("wrong.json", invoice(line("1"), total="61"))
    assert run("ingest", wrong, "--totals", "refuse").exit_code == 1
    assert json.loads(run("ingest", wrong, "--json").stdout)["warnings"]


def test_freight_is_spread_where_it_is_asked_for(run: Run, write: WriteJson) -> None:
    document = invoice(line("1"), charges=[{"amount": "6", "kind": "freight"}])
    done = run("ingest", write("freight.json", document), "--spread", "value", "--json")
    assert [each["total_cost"] for each in json.loads(done.stdout)["lines"]] == ["66", None]


def test_a_period_is_locked_shown_and_opened(run: Run, write: WriteJson, database: Database) -> None:
    assert "No period is locked." in run("lock").stdout
    shown = run("lock", "2026-03-10", "--reason", "filed", "--by", "Ann", "--dry-run").stdout
    assert shown == "All before 2026-03-10 would be locked by Ann because of filed.\n"
    assert run("lock", "2026-03-10", "--reason", "filed", "--by", "Ann").exit_code == 0
    assert run("lock", "--lift", "--dry-run").stdout == "No period would be locked.\n"
    assert json.loads(run("lock", "--json").stdout) == {"before": "2026-03-10", "made_by": "Ann", "reason": "filed"}
    early = write("early.json", invoice(line("1"), invoice_date="2026-03-09"))
    refused = run("ingest", early)
    assert (refused.exit_code, "2026-03-10" in refused.stderr) == (1, True)
    assert run("ingest", early, env={"INVOICEDB_RIGHTS": "override_period_lock"}).exit_code == 0
    assert "No period is locked." in run("lock", "--lift").stdout


@pytest.mark.parametrize("arguments", [["2026-02-30"], ["2026-03-01", "--lift"]])
def test_a_wrong_day_ends_with_2(run: Run, arguments: list[str]) -> None:
    assert run("lock", *arguments).exit_code == 2

"""`invoicedb review`."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run

KNOWN, ASKED = "CHICKEN BREAST BONELESS", "CHICKEN BREAST BONELESS SKINLESS"
TERMINAL: dict[str, str | None] = {"FORCE_COLOR": "1", "COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture
def case(run: Run, database: Database, user_id: UUID) -> str:
    """One case in the queue, under a number that a command line would take apart."""
    database.process_invoice(user_id, invoice(line("1", description=KNOWN), line("2", description="OLIVE OIL")))
    database.process_invoice(user_id, invoice(line("A/1 B", description=ASKED), vendor_name="Metro"))
    [listed] = json.loads(run("review", "--json").stdout)
    return str(listed["case"])


def stock(run: Run) -> dict[str, str]:
    return {level["name"]: level["current_quantity"] for level in json.loads(run("stock", "--json").stdout)}


def listed(run: Run) -> list[Any]:
    found: list[Any] = json.loads(run("review", "--json").stdout)
    return found


def test_a_pipe_gets_the_list(run: Run, case: str) -> None:
    shown = run("review")
    assert (shown.exit_code, case in shown.stdout, ASKED in shown.stdout, KNOWN in shown.stdout) == (0, True, True, True)
    [row] = listed(run)
    assert (row["item_name"], row["review_state"], row["match_reasons"][0]) == (KNOWN, "pending", f"like '{KNOWN}'")


def test_a_case_is_approved_by_its_id(run: Run, case: str) -> None:
    done = run("review", "--approve", case, "--by", "Ann")
    assert (done.exit_code, done.stdout) == (0, f"A/1 B of Metro is {KNOWN}, says Ann.\n")
    assert "was decided before" in run("review", "--approve", case, "--by", "Bob").stdout
    assert (listed(run), run("review").stdout) == ([], "Nothing waits for review.\n")


def test_a_dry_run_shows_what_a_rejection_moves(run: Run, case: str) -> None:
    before = stock(run)
    shown = run("review", "--reject", case, "--dry-run")
    assert (f"would be {ASKED}." in shown.stdout, "-27215.5422" in shown.stdout) == (True, True)
    assert stock(run) == before
    done = json.loads(run("review", "--reject", case, "--json").stdout)
    assert (done["case"]["item_name"], len(done["movements"]), stock(run)[ASKED]) == (ASKED, 2, "27215.5422")


def test_a_decided_case_is_reassigned(run: Run, case: str) -> None:
    run("review", "--approve", case)
    [oil] = [level["id"] for level in json.loads(run("stock", "--json").stdout) if level["name"] == "OLIVE OIL"]
    assert "is OLIVE OIL." in run("review", "--reassign", case, oil).stdout
    assert stock(run)["OLIVE OIL"] == "54431.0844"


def test_what_is_no_case_is_told_in_one_line(run: Run, case: str) -> None:
    for arguments in (("--approve", "nonsense"), ("--approve", case, "--reject", case), ("--approve", case + "X")):
        done = run("review", *arguments)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("answers", "left", "told"),
    [
        ("a\n", 0, f"is {KNOWN}, says Ann."),
        ("n\n", 0, f"is {ASKED}, says Ann."),
        ("x\ns\n", 1, "only one says SKINLESS"),
        ("q\n", 1, "1 line booked by it"),
        ("", 1, "like"),
        ("r\n00000000-0000-0000-0000-000000000001\n", 1, "Not done: no item"),
    ],
)
def test_a_terminal_is_asked(run: Run, case: str, answers: str, left: int, told: str) -> None:
    done = run("review", "--by", "Ann", env=TERMINAL, input=answers)
    assert (done.exit_code, told in done.stdout, len(listed(run))) == (0, True, left)

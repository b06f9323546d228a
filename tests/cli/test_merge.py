"""`invoicedb merge` and `invoicedb unmerge`."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run


@pytest.fixture
def item_ids(database: Database, user_id: UUID) -> list[str]:
    """Ground beef under two names, and chicken."""
    goods = (line("1", description="BEEF GRND FRESH"), line("2", description="MINCE"), line("3", description="CHICKEN WHOLE"))
    made = database.process_invoice(user_id, invoice(*goods))
    return [str(each.inventory_item_id) for each in made.lines]


def stock(run: Run) -> dict[str, str]:
    return {level["name"]: level["current_quantity"] for level in json.loads(run("stock", "--json").stdout)}


def test_two_items_become_one_and_two_again(run: Run, item_ids: list[str]) -> None:
    before = stock(run)
    shown = run("merge", "mince", "beef grnd", "--dry-run")
    assert (shown.exit_code, "would be merged into BEEF GRND FRESH" in shown.stdout, stock(run)) == (0, True, before)
    done = run("merge", "mince", item_ids[0], "--by", "Ann", "--reason", "the same")
    assert "MINCE" in done.stdout
    assert ("is merged into BEEF GRND FRESH" in done.stdout, "1 mapping, 1 line moved." in done.stdout) == (True, True)
    assert stock(run) == {"BEEF GRND FRESH": "54431.0844", "CHICKEN WHOLE": "27215.5422"}
    assert "was merged before into" in run("merge", item_ids[1], item_ids[0]).stdout
    told = run("explain", item_ids[1])
    assert f"MINCE was merged into BEEF GRND FRESH ({item_ids[0]})." in told.stdout
    back = run("unmerge", item_ids[1])
    assert ("is no longer BEEF GRND FRESH" in back.stdout, stock(run)) == (True, before)


def test_programs_get_one_document(run: Run, item_ids: list[str]) -> None:
    done = json.loads(run("merge", item_ids[1], item_ids[0], "--json").stdout)
    assert (done["item_name"], done["into_item_id"], done["lines"], len(done["movements"])) == ("MINCE", item_ids[0], 1, 2)
    assert json.loads(run("explain", item_ids[1], "--json").stdout)["merged_into"]["name"] == "BEEF GRND FRESH"
    assert json.loads(run("unmerge", item_ids[1], "--json").stdout)["lines"] == 1


def test_what_can_not_be_done_is_told_in_one_line(run: Run, item_ids: list[str]) -> None:
    for arguments in (("merge", "mince", "mince"), ("merge", "mince", "nothing like it"), ("unmerge", item_ids[0])):
        done = run(*arguments)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "more than one item" in run("merge", "mince", "e").stderr

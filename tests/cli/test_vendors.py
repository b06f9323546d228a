"""`invoicedb merge-vendors` and `invoicedb unmerge-vendor`."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def booked(database: Database, user_id: UUID) -> None:
    for vendor_name, number in (("Sysco", "A"), ("Sysco Chicago", "B"), ("Sysco Chicago", "C")):
        database.process_invoice(user_id, invoice(line("1"), line(number), vendor_name=vendor_name))


def vendors(run: Run) -> set[str]:
    return {each["name"] for each in json.loads(run("purchases", "--by", "vendor", "--json").stdout)}


def test_two_vendors_become_one_and_two_again(run: Run) -> None:
    before = vendors(run)
    shown = run("merge-vendors", "sysco chicago", "Sysco", "--dry-run")
    assert (shown.exit_code, "would be merged into Sysco" in shown.stdout, vendors(run)) == (0, True, before)
    done = run("merge-vendors", "sysco chicago", "Sysco", "--by", "Ann", "--reason", "the same")
    assert ("is merged into Sysco" in done.stdout, "2 documents, 2 mappings moved, 1 united." in done.stdout) == (True, True)
    assert vendors(run) == {"Sysco"}
    assert "was merged before into" in run("merge-vendors", "sysco chicago", "Sysco").stdout
    back = run("unmerge-vendor", "Sysco Chicago")
    assert ("is no longer Sysco" in back.stdout, vendors(run)) == (True, before)


def test_programs_get_one_document(run: Run) -> None:
    done = json.loads(run("merge-vendors", "Sysco Chicago", "Sysco", "--json").stdout)
    assert (done["vendor_name"], done["into_vendor_name"], done["documents"]) == ("Sysco Chicago", "Sysco", 2)
    assert json.loads(run("unmerge-vendor", done["vendor_id"], "--json").stdout)["documents"] == 2


def test_what_can_not_be_done_is_told_in_one_line(run: Run) -> None:
    for arguments in (
        ("merge-vendors", "Sysco", "Sysco"),
        ("merge-vendors", "Sysco", "Nobody"),
        ("unmerge-vendor", "Sysco"),
    ):
        done = run(*arguments)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)

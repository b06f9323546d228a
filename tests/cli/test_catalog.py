"""`invoicedb catalog`: an import, items by hand, and what is decided about matching."""

from __future__ import annotations

import json
from typing import Any

import pytest

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run, WriteJson

CSV = """Name;Category;Opening quantity;Opening unit;Opening value;Item number;Pack size
Flour;dry goods;10;50 LB;125;10-22;50 LB
Olive oil;;2.5;l;20;;
;;1;kg;;;
"""


def stock(run: Run) -> dict[str, dict[str, Any]]:
    return {level["name"]: level for level in json.loads(run("stock", "--json").stdout)}


@pytest.fixture
def file(write: WriteJson) -> str:
    return write("stock.csv", CSV)


def test_a_catalog_is_imported_from_a_spreadsheet(run: Run, file: str) -> None:
    shown = run("catalog", "import", file, "--vendor", "Sysco", "--dry-run")
    assert (shown.exit_code, stock(run)) == (1, {})
    assert "3 rows: 2 created, 0 added, 0 unchanged, 1 failed. Nothing was written." in shown.stdout
    done = run("catalog", "import", file, "--vendor", "Sysco")
    assert (done.exit_code, "name is missing" in done.stdout) == (1, True)
    assert stock(run)["Flour"]["current_quantity"] == "226796.185"
    again = json.loads(run("catalog", "import", file, "--vendor", "Sysco", "--json").stdout)
    assert (again["unchanged"], again["failed"], again["rows"][2]["row_number"]) == (2, 1, 3)


def test_opening_stock_is_explained(run: Run, file: str) -> None:
    run("catalog", "import", file, "--vendor", "Sysco")
    shown = run("explain", "flour")
    assert (shown.exit_code, "opening stock" in shown.stdout, run("verify").exit_code) == (0, True, 0)


def test_wrong_opening_stock_is_taken_back_and_opened_again(run: Run, write: WriteJson, file: str) -> None:
    run("catalog", "import", file, "--vendor", "Sysco")
    tried = run("catalog", "take-back", "flour", "--by", "Ann", "--dry-run")
    assert "would be taken back by Ann.\n" in tried.stdout
    done = run("catalog", "take-back", "flour", "--reason", "counted in sacks", "--by", "Ann")
    assert "The opening stock of Flour" in done.stdout
    assert "is taken back by Ann because of counted in sacks.\n" in done.stdout
    assert "-226796.185" in done.stdout
    assert (done.exit_code, stock(run)["Flour"]["current_quantity"]) == (0, "0")
    explained = run("explain", "flour").stdout
    assert all(said in explained for said in ("opening stock (reversed)", "correction of opening stock", "correction by Ann"))
    again = json.loads(run("catalog", "take-back", "flour", "--json").stdout)
    assert (again["replayed"], again["made_by"], len(again["movements"])) == (True, "Ann", 1)
    right = write("right.csv", CSV.replace("Flour;dry goods;10;", "Flour;dry goods;8;"))
    run("catalog", "import", right, "--vendor", "Sysco")
    assert stock(run)["Flour"]["current_quantity"] == "181436.948"
    run("catalog", "import", write("salt.json", [{"name": "Salt"}]))
    refused = run("catalog", "take-back", "salt")
    assert (refused.exit_code, refused.stdout, "nothing to take back" in refused.stderr) == (2, "", True)


def test_a_file_of_which_all_can_be_taken_ends_with_0(run: Run, write: WriteJson) -> None:
    file = write("stock.json", [{"name": "Flour", "opening_quantity": 2.5, "opening_unit": "kg"}])
    assert run("catalog", "import", file).exit_code == 0
    assert run("catalog", "import", "-", input='[{"name": "Salt"}]').exit_code == 0
    assert set(stock(run)) == {"Flour", "Salt"}


@pytest.mark.parametrize(
    ("text", "said"),
    [("name,opening_quantiti\n", "line 1, column 2"), ('[{"name": }]', "line 1, column 11"), ("[]", "no rows")],
)
def test_what_is_no_catalog_is_told_in_one_line(run: Run, write: WriteJson, text: str, said: str) -> None:
    done = run("catalog", "import", write("bad", text))
    assert (done.exit_code, done.stdout, done.stderr.count("\n"), said in done.stderr) == (2, "", 1, True)
    assert run("catalog", "import", "nowhere.csv").exit_code == 2


def test_an_item_is_renamed_by_its_name(run: Run, file: str) -> None:
    run("catalog", "import", file, "--vendor", "Sysco")
    assert "Wheat flour" in run("catalog", "rename", "flour", "Wheat flour").stdout
    changed = json.loads(run("catalog", "category", "wheat", "baking", "--json").stdout)
    assert (changed["name"], changed["category"]) == ("Wheat flour", "baking")
    assert json.loads(run("catalog", "category", "wheat", "--json").stdout)["category"] is None
    missing = run("catalog", "rename", "sugar", "X")
    assert (missing.exit_code, missing.stdout, "no item" in missing.stderr) == (2, "", True)


def test_a_unit_is_changed_or_refused_with_the_cure(run: Run, write: WriteJson, file: str) -> None:
    run("catalog", "import", file, "--vendor", "Sysco")
    run("catalog", "import", write("eggs.json", [{"name": "Eggs"}]))
    assert json.loads(run("catalog", "unit", "eggs", "kg", "--json").stdout)["base_unit"] == "g"
    refused = run("catalog", "unit", "flour", "each")
    assert (refused.exit_code, "set_conversions" in refused.stderr) == (2, True)


def test_conversions_are_said_and_taken_away(run: Run, write: WriteJson) -> None:
    run("catalog", "import", write("onions.json", [{"name": "Onions", "base_unit": "g"}]))
    assert json.loads(run("catalog", "conversions", "onions", "each=150 g", "1 l=0.5 kg", "--json").stdout) == {
        "each": "150",
        "ml": "0.5",
    }
    assert "No conversions." in run("catalog", "conversions", "onions").stdout
    assert run("catalog", "conversions", "onions", "150 g").exit_code == 2
    assert run("catalog", "conversions", "onions", "each=many").exit_code == 2


def test_abbreviations_are_set_listed_and_forgotten(run: Run) -> None:
    assert run("catalog", "abbreviations", "set", "kds", "childrens").stdout == "KDS stands for CHILDRENS.\n"
    assert json.loads(run("catalog", "abbreviations", "list", "--json").stdout) == [
        {"abbreviation": "KDS", "expansion": "CHILDRENS"}
    ]
    assert "CHILDRENS" in run("catalog", "abbreviations", "list").stdout
    forgotten = run("catalog", "abbreviations", "remove", "KDS", "--json")
    assert (forgotten.exit_code, json.loads(forgotten.stdout)) == (0, {"abbreviation": "KDS", "removed": True})
    assert run("catalog", "abbreviations", "remove", "KDS").exit_code == 2
    assert "No abbreviations" in run("catalog", "abbreviations", "list").stdout
    assert run("catalog", "abbreviations", "set", "K D", "X").exit_code == 2


def test_a_policy_is_shown_and_changed_rule_by_rule(run: Run) -> None:
    run("catalog", "policy", "set", "--fuzzy-auto", "0.95", "--never-create")
    run("catalog", "policy", "set", "--review-everything")
    kept = {"fuzzy_auto": "0.95", "fuzzy_review": None, "never_create": True, "review_everything": True}
    assert json.loads(run("catalog", "policy", "show", "--json").stdout) == kept
    run("catalog", "policy", "set", "--fuzzy-auto", "default", "--create", "--review-doubts")
    assert run("catalog", "policy", "show").stdout.split()[2:] == [
        *("fuzzy_auto", "default", "fuzzy_review", "default", "never_create", "no", "review_everything", "no")
    ]
    for bar in ("high", "2"):
        assert run("catalog", "policy", "set", "--fuzzy-auto", bar).exit_code == 2


def test_match_keys_are_refreshed(run: Run, database: Database, user_id: Any) -> None:
    database.process_invoice(user_id, invoice(line("1"), line("2")))
    assert run("catalog", "refresh").stdout == "2 items read.\n"


def test_a_group_without_a_command_says_where_its_help_is(run: Run) -> None:
    for group in ("catalog", "catalog policy", "catalog abbreviations", "tenant"):
        done = run(*group.split())
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.endswith(f"(see invoicedb {group} --help)\n")
        assert "Usage" in run(*group.split(), "--help").stdout
    assert "catalog" in run().stdout

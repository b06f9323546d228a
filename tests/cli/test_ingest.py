"""`invoicedb ingest` and `preview`: what is booked, what is said of it, and how it ends."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from invoicedb import Database
from invoicedb.cli.booking import book_all
from invoicedb.cli.documents import Source
from invoicedb.cli.reports import JsonLines
from invoicedb.errors import DatabaseUnreachable
from tests.builders import invoice, line
from tests.cli.conftest import Run, WriteJson

BOX_OR_ESCAPE = re.compile("[\x1b\u2500-\u257f\u2800-\u28ff]")

HOSTILE = "[bold]X[/bold] \x1b[31m\x1b]0;owned\x07 \x9b32m \u202e :smile: [link=http://x]y[/link]"


def no_floats(text: str) -> Any:
    """JSON that must hold no number with a point: those are text."""

    def refuse(number: str) -> None:
        raise AssertionError(f"{number} is a JSON number")

    return json.loads(text, parse_float=refuse)


def test_an_invoice_is_booked_and_shown(run: Run, write: WriteJson, database: Database, user_id: UUID) -> None:
    beef = line("10-22", description="GROUND BEEF", quantity="2.5")
    file = write("a.json", invoice(beef, vendor_name="Harbor Foods", invoice_number="A-1"))
    done = run("ingest", file)
    assert done.exit_code == 0
    assert done.stderr == ""
    head, row = done.stdout.splitlines()[1:3]
    assert head.split() == "vendor number date status booked failed new items round trips file".split()
    assert row.split() == ["Harbor", "Foods", "A-1", "2026-03-02", "success", "1", "0", "1", "2", file]
    assert done.stdout.splitlines()[-1] == "1 invoice: 1 booked. 1 line: 1 booked. 1 new item. 2 round trips."
    (item,) = database.stock(user_id)
    assert item.current_quantity == Decimal("34019.42775")


def test_a_pipe_gets_plain_text_of_full_width(run: Run, write: WriteJson) -> None:
    description = "ARTICLE " + "VERY " * 45 + "LONG"
    done = run("ingest", write("a.json", invoice(line(), line("8", description=description, quantity="many"))))
    assert not BOX_OR_ESCAPE.search(done.stdout)
    assert description in done.stdout
    assert done.stderr == ""


def test_columns_are_aligned(run: Run, write: WriteJson) -> None:
    files = [write(f"{name}.json", invoice(vendor_name=name)) for name in ("Short", "A much longer name", "食品卸売")]
    lines = run("ingest", *files).stdout.splitlines()[1:5]
    assert lines[0].index("number") == lines[1].index("INV-") == lines[2].index("INV-")
    assert lines[3].index("INV-") == lines[1].index("INV-") - 4  # each of the four takes two cells


def test_json_is_one_line_a_file_with_exact_text(run: Run, write: WriteJson) -> None:
    good = write("a.json", invoice(line("10-22", quantity="2.5", unit_price="30.00"), invoice_number="A-1"))
    done = run("ingest", "--json", good, write("b.json", "{"), good)
    booked, refused, replayed = map(no_floats, done.stdout.splitlines())
    assert booked["lines"][0]["quantity_change"] == "34019.42775"
    assert booked["lines"][0]["total_cost"] == "75"
    assert (booked["file"], booked["invoice_number"], booked["round_trips"]) == (good, "A-1", 2)
    assert Decimal(booked["processing_time_seconds"]) > 0
    assert refused["status"] == "failed"
    assert "line 1" in refused["error"]
    assert (replayed["replayed"], replayed["round_trips"]) == (True, 1)
    assert done.exit_code == 2


def test_a_replay_is_shown_as_such(run: Run, write: WriteJson) -> None:
    file = write("a.json", invoice())
    done = run("ingest", file, file)
    assert done.exit_code == 0
    assert "success (replayed)" in done.stdout
    assert "2 invoices: 1 booked, 1 replayed. 1 line: 1 booked. 1 new item. 3 round trips." in done.stdout


def test_a_failed_line_is_shown_and_ends_with_1(run: Run, write: WriteJson) -> None:
    done = run("ingest", write("a.json", invoice(line(), line("9", description="BASIL", pack_size="4/1 BUNDL"))))
    assert done.exit_code == 1
    assert "partial_success" in done.stdout
    assert re.search(
        r"^INV-\d+ +2  BASIL +9 +4/1 BUNDL +unreadable_pack_size  pack size '4/1 BUNDL' can't be read", done.stdout, re.M
    )


def test_price_changes_and_warnings_are_shown(run: Run, write: WriteJson) -> None:
    files = [write("a.json", invoice()), write("b.json", invoice(line(unit_price="33.00", line_total="60.00")))]
    shown = run("ingest", *files).stdout
    assert re.search(r"6/5 LB +30\.00  33\.00 +\+10%$", shown, re.M)
    assert "line 1: total 60 was booked" in shown


def test_what_only_a_person_can_tell_is_listed_for_review(run: Run, write: WriteJson) -> None:
    files = [write("a.json", invoice()), write("b.json", invoice(line(pack_size="10 LB")))]
    assert re.search(r"10 LB  ARTICLE 10-22  fuzzy_review", run("ingest", *files).stdout)


def test_a_conflict_ends_with_1(run: Run, write: WriteJson) -> None:
    files = [write(f"{price}.json", invoice(line(unit_price=price), invoice_number="A-1")) for price in ("30", "31")]
    done = run("ingest", *files)
    assert done.exit_code == 1
    (message,) = done.stderr.splitlines()
    assert message.startswith(f"invoicedb: {files[1]}: invoice ")
    assert "line 1 unit_price: booked 30, sent 31" in message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad.json", '{"invoice": {\n  "vendor_name" "X"}}', "unreadable at line 2, column 17"),
        ("bytes.json", "\udcff", "no utf-8"),
        ("head.json", invoice(vendor_name=""), "invoice.vendor_name: missing"),
        ("list.json", "[]", "invoicedb: "),
        ("missing.json", None, "No such file"),
        (".", None, "a directory"),
    ],
)
def test_one_bad_file_keeps_none_of_the_others(
    run: Run, write: WriteJson, tmp_path: Path, *, name: str, content: Any, message: str
) -> None:
    files = [write("a.json", invoice()), str(tmp_path / name), write("b.json", invoice())]
    if content is not None:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    done = run("ingest", *files)
    assert done.exit_code == 2
    assert "3 invoices: 2 booked, 1 refused." in done.stdout
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"invoicedb: {tmp_path / name}: ")
    assert message in said


def test_standard_input(run: Run) -> None:
    done = run("ingest", "-", input=json.dumps(invoice()))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "1 invoice: 1 booked." in done.stdout


def test_standard_input_can_be_read_once(run: Run) -> None:
    done = run("ingest", "-", "-", input=json.dumps(invoice()))
    assert done.exit_code == 2
    assert "standard input" in done.stderr


def test_numbers_of_a_file_are_read_exactly(run: Run, database: Database, user_id: UUID) -> None:
    document = json.dumps(invoice(line(quantity=1, unit_price="PRICE"))).replace('"PRICE"', "0.123456789")
    run("ingest", "-", input=document)
    assert database.prices(user_id)[0].unit_price == Decimal("0.123456789")


@pytest.mark.parametrize("shown_on", ["pipe", "terminal"])
def test_what_an_invoice_says_is_neither_markup_nor_an_escape(run: Run, write: WriteJson, shown_on: str) -> None:
    terminal: dict[str, str | None] = {"FORCE_COLOR": "1", "COLUMNS": "400"} if shown_on == "terminal" else {}
    done = run("ingest", write("[red]a.json", invoice(line(description=HOSTILE, quantity="none"))), env=terminal)
    assert "[bold]X[/bold]" in done.stdout
    assert ":smile:" in done.stdout
    assert "[link=http://x]y[/link]" in done.stdout
    assert "[red]a.json" in done.stdout
    assert not re.search("[\x07\x9b\u202e]|\x1b\\]", done.stdout + done.stderr)
    assert ("\x1b[" in done.stdout) == (shown_on == "terminal")


def test_no_terminal_obeys_the_json(run: Run, write: WriteJson) -> None:
    done = run("ingest", "--json", write("a.json", invoice(line(description=HOSTILE, quantity="none"))))
    assert done.stdout.isascii()
    assert done.stdout.removesuffix("\n").isprintable()


def test_what_came_before_a_lost_database_is_shown(
    database: Database, user_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    def lose() -> bytes:
        database.close()
        return json.dumps(invoice()).encode()

    documents = [Source("a.json", json.dumps(invoice()).encode), Source("b.json", lose)]
    with pytest.raises(DatabaseUnreachable):
        book_all(documents, partial(database.process_invoice, user_id), JsonLines())
    shown = capsys.readouterr()
    assert json.loads(shown.out)["file"] == "a.json"
    assert "stopped at b.json" in shown.err


def test_a_preview_shows_what_would_be_booked_and_writes_nothing(run: Run, write: WriteJson) -> None:
    file = write("a.json", invoice(line(), line("8", quantity="many")))
    done = run("preview", file)
    assert done.exit_code == 1
    assert done.stdout.startswith("Preview\n")
    assert done.stdout.endswith(" Nothing was written.\n")
    assert run("stock", "--json").stdout == "[]\n"
    previewed, booked = (no_floats(run(command, "--json", file).stdout) for command in ("preview", "ingest"))
    assert previewed["lines"][0]["quantity_change"] == booked["lines"][0]["quantity_change"]

"""`--dry-run` on whatever changes rows: it shows, it says so, and no row is another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from invoicedb import Database, schema
from tests.builders import invoice, line
from tests.cli.conftest import Run, WriteJson


def all_rows(dsn: str) -> dict[str, list[Any]]:
    with psycopg.connect(dsn) as connection:
        statement = sql.SQL("SELECT stored::text FROM {} AS stored ORDER BY 1")
        tables = schema.metadata.tables
        return {name: connection.execute(statement.format(sql.Identifier(name))).fetchall() for name in tables}


@pytest.fixture
def words(database: Database, dsn: str, user_id: UUID, write: WriteJson) -> dict[str, str]:
    """What the commands below are about: an invoice, one whose failed line can be booked now, items, one merged, a case."""
    beef, pack = line("1", description="GROUND BEEF"), line("3", description="BEEF TALLOW", pack_size="12 CT")
    done = database.process_invoice(user_id, invoice(beef, line("2", description="SALT", pack_size="a bag"), pack))
    sent = invoice(line("3", description="BEEF TALLOW", pack_size="2 LB"), invoice_date="2026-03-03")
    failed = database.process_invoice(user_id, sent)
    assert [each.error_type for each in failed.lines] == ["unit_mismatch"]
    ids = {level.name: level.id for level in database.stock(user_id)}
    database.set_conversions(user_id, ids["BEEF TALLOW"], {"g": "1/100"})
    napkins = database.process_invoice(
        user_id, invoice(line("5", description="NAPKIN WHITE"), line("6", description="SERVIETTE"))
    )
    one, other = (each.inventory_item_id for each in napkins.lines)
    assert one is not None
    assert other is not None
    database.merge_item(user_id, other, one)
    database.set_abbreviation(user_id, "KDS", "CHILDRENS")
    with psycopg.connect(dsn) as connection:  # as before a version that finds items by more keys
        connection.execute("DELETE FROM item_match_keys WHERE inventory_item_id = %s", (one,))
    case = database.find_line_case(user_id, done.invoice_id, 1)
    catalog = [{"name": "Sugar", "opening_quantity": 1, "opening_unit": "kg"}]
    database.import_catalog(user_id, [catalog[0] | {"name": "Flour"}])
    return {
        "INVOICE": str(done.invoice_id),
        "FAILED": str(failed.invoice_id),
        "MERGED": str(other),
        "NAPKIN": str(one),
        "CASE": f"{case.vendor_id}/{case.item_key.replace(':', '%3A')}/{case.pack_key.replace('/', '%2F')}",
        "FILE": write("sugar.json", catalog),
        "MEMO": write("memo.json", invoice(beef | {"quantity": "1"})),
        "OTHER": write("other.json", invoice(line("9"))),
    }


@pytest.mark.parametrize(
    "command",
    [
        "void INVOICE",
        "replace INVOICE OTHER",
        "retry FAILED",
        "credit MEMO",
        "review --approve CASE",
        "review --reject CASE",
        "merge GROUND NAPKIN",
        "unmerge MERGED",
        "dismiss INVOICE 2 --reason lost",
        "lock 2026-03-01",
        "catalog import FILE",
        "catalog take-back Flour",
        "catalog rename NAPKIN Napkins",
        "catalog category NAPKIN paper",
        "catalog conversions NAPKIN each=10g",
        "catalog abbreviations set WHT WHITE",
        "catalog abbreviations remove KDS",
        "catalog policy set --never-create",
        "catalog refresh",
        "tenant delete",
    ],
)
def test_nothing_is_written(run: Run, dsn: str, words: dict[str, str], command: str) -> None:
    arguments = [words.get(word, word) for word in command.split()]
    before = all_rows(dsn)
    shown = run(*arguments, "--dry-run")
    assert (shown.exit_code, bool(shown.stdout)) == (0, True)
    assert "othing" in shown.stderr + shown.stdout or "would be" in shown.stdout.lower()
    assert all_rows(dsn) == before
    if command != "tenant delete":
        assert run(*arguments).exit_code == 0
        assert all_rows(dsn) != before

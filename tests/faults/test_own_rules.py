"""Rules of the user's own, which no plan can see: the lines to blame fail, the others are booked; nothing is booked half."""

from __future__ import annotations

from math import ceil, log2
from uuid import UUID

import psycopg
import pytest

import invoicedb
from invoicedb import Database, RejectedInvoice
from tests.builders import invoice, line
from tests.faults.test_connections import OWN_RULE, rows_of

DEFERRED = """
CREATE FUNCTION no_beast() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.total_cost = 666 THEN RAISE 'no beast here' USING ERRCODE = '23514', CONSTRAINT = 'no_beast'; END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER no_beast AFTER INSERT ON inventory_transactions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION no_beast();
"""
SWALLOWED = """
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER swallow BEFORE INSERT ON price_history FOR EACH ROW EXECUTE FUNCTION swallow();
"""
AT_MOST_TWO = """
CREATE FUNCTION at_most_two() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (SELECT count(*) FROM inventory_transactions) > 2 THEN
    RAISE 'full' USING ERRCODE = '23514', CONSTRAINT = 'at_most_two'; END IF;
  RETURN NULL; END $$;
CREATE TRIGGER at_most_two AFTER INSERT ON inventory_transactions FOR EACH STATEMENT EXECUTE FUNCTION at_most_two();
"""


def rule(dsn: str, text: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(text.encode())


@pytest.mark.parametrize("text", [OWN_RULE, DEFERRED], ids=["immediate", "deferred"])
@pytest.mark.parametrize("beasts", [{8}, {1}, {3, 4, 15}], ids=str)
@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_exactly_the_refused_lines_fail(
    database: Database, dsn: str, user_id: UUID, text: str, beasts: set[int], known: bool
) -> None:
    rule(dsn, text)
    if known:
        database.process_invoice(user_id, invoice(*(line(f"N{place}") for place in range(1, 16))))
    before = rows_of(dsn)["inventory_transactions"]
    asked = invoice(*(line(f"N{place}", line_total=666 if place in beasts else 10) for place in range(1, 16)))
    preview = database.preview(user_id, asked)
    result = database.process_invoice(user_id, asked)
    assert {failed.line_number for failed in result.failed} == {failed.line_number for failed in preview.failed} == beasts
    assert {failed.error_type for failed in result.failed} == {"rejected_by_database"}
    assert all("no_beast" in (failed.error or "") for failed in result.failed)
    assert rows_of(dsn)["inventory_transactions"] - before == 15 - len(beasts)
    if len(beasts) == 1 and text is OWN_RULE:
        trials = 2 * ceil(log2(15))
        assert result.round_trips <= 2 * (trials + 3)  # each refused flight is followed by its rollback
    assert database.process_invoice(user_id, asked).replayed


def test_a_rule_that_no_line_breaks_alone_refuses_the_invoice(database: Database, dsn: str, user_id: UUID) -> None:
    rule(dsn, AT_MOST_TWO)
    with pytest.raises(RejectedInvoice, match="at_most_two"):
        database.process_invoice(user_id, invoice(line("1"), line("2"), line("3")))
    assert not any(rows_of(dsn).values())
    assert database.process_invoice(user_id, invoice(line("1"), line("2"))).status == "success"


def test_rows_that_are_swallowed_silently_refuse_the_invoice(database: Database, dsn: str, user_id: UUID) -> None:
    rule(dsn, SWALLOWED)
    with pytest.raises(RejectedInvoice, match="fewer rows"):
        database.process_invoice(user_id, invoice(line("1")))
    assert not any(rows_of(dsn).values())


def test_in_a_callers_transaction_too(database: Database, dsn: str, user_id: UUID) -> None:
    rule(dsn, OWN_RULE)
    with psycopg.connect(dsn) as connection:
        result = invoicedb.on(connection).process_invoice(user_id, invoice(line("1"), line("2", line_total=666)))
        assert [failed.line_number for failed in result.failed] == [2]
    assert rows_of(dsn)["inventory_transactions"] == 1

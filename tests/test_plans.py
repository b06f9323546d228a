"""Every statement finds its rows by the key that picks them, whatever the planner knows of the tables."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool

import invoicedb
from invoicedb import Database, MatchingPolicy, Policy, ReviewCase, sql
from invoicedb.domain.document import read_invoice
from invoicedb.flights import Deadline, Flight, Landing, Statement, given
from invoicedb.ids import uuid7
from invoicedb.operations import items, reports, rules, tenant
from invoicedb.operations.call import TRANSACTION, Call
from invoicedb.operations.correct import Voiding
from invoicedb.operations.dismiss import Dismissing, undismiss
from invoicedb.operations.explain import MovementPage, find_levels
from invoicedb.operations.importing import Importing, found_in, writing
from invoicedb.operations.importing import look_ups as import_look_ups
from invoicedb.operations.importing.plan import Plan as ImportPlan
from invoicedb.operations.ingest import HOLD_CATALOG, first_flight
from invoicedb.operations.ingest.book import Sending, book_plan
from invoicedb.operations.ingest.look_up import KnownInvoice, Snapshot
from invoicedb.operations.ingest.plan import NewReadings, Plan, plan_lines
from invoicedb.operations.merge import Merge, ToMerge, look_ups, merge_flight, params_of
from invoicedb.operations.opening import TakingBack
from invoicedb.operations.purchases import PurchasePage
from invoicedb.operations.replace import Replacing
from invoicedb.operations.retry import retry_failed
from invoicedb.operations.review import Deciding, MappingKey, ReviewPage, Verdict, booking, find_line_case
from invoicedb.operations.unmerge import unmerge_flight
from invoicedb.operations.valuation import ValuationPage
from invoicedb.operations.vendors import MERGE, UNMERGE, VendorToMerge, find_vendor, written
from invoicedb.operations.vendors import look_ups as vendor_look_ups
from invoicedb.operations.vendors import params_of as vendor_params
from invoicedb.operations.verify import PARTS, START, Place, Verification, mending
from invoicedb.sql import SQL

ITEMS = 5_000
INVOICES = 1_500
WITHOUT_A_PLAN = {"begin", "savepoint", "release", "settle_constraints", "undo", "commit", "search_path"}

PAGES = {
    "page_of_documents": ("verify_documents", "verify_voids", "verify_reversals", "verify_sequences"),
    "page_of_items": ("verify_items",),
}
"""What is planned with the settings that a page leaves. The rows of documents, all found by key, are joined by hash."""

READ_THROUGH = {"lock_vendors_of_tenant", *(f"delete_{table}" for table in tenant.TABLES)}
"""Where a tenant is deleted, what has no index by tenant is read through, and so is a table that is all this tenant's."""

FILL = Path(__file__).with_name("fill.sql").read_text("utf-8")


def document(number: str, *, size: int = 15, date: str = "2026-03-01", since: int = 0) -> dict[str, Any]:
    lines = [
        {"item_number": f"N{place}", "description": f"BEEF {place}", "quantity": 2, "unit_price": "3.50", "pack_size": "6/5 LB"}
        for place in range(since, since + size)
    ]
    return {"invoice": {"vendor_name": "Vendor 7", "invoice_number": number, "invoice_date": date}, "line_items": lines}


def credit_memo(number: str) -> dict[str, Any]:
    memo = document(number)
    memo["invoice"] |= {"document_type": "credit_memo", "corrects": "1"}
    memo["line_items"][0]["kind"] = "price_correction"
    return memo


STARTS = {"1 line": (1, 1), "15 lines": (1, 15), "5 invoices": (5, 15), "100 lines": (1, 100), "600 lines": (2, 300)}
"""How many invoices of how many lines a young database holds: while a table has a page or two, many indexes look alike."""


@pytest.fixture(params=["empty", *STARTS, "filled", "analysed"])
def state(request: pytest.FixtureRequest, dsn: str, user_id: UUID) -> str:
    """A database as it was made; just begun; filled and never analysed; filled and analysed."""
    state: str = request.param
    invoices, size = STARTS.get(state, (0, 0))
    with psycopg.connect(dsn, autocommit=True) as connection, invoicedb.connect(dsn) as database:
        for table in invoicedb.schema.metadata.tables:
            connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        for number in range(invoices):
            database.process_invoice(user_id, document(f"young {number}", size=size))
        for statement in FILL.split(";\n") if state in ("filled", "analysed") else ():
            if statement.strip():
                connection.execute(statement, {"user_id": user_id, "items": ITEMS, "invoices": INVOICES})
        if state == "analysed":
            connection.execute("ANALYZE")
    return state


def flights(user_id: UUID) -> Iterator[Flight]:
    """Flights that hold, together, every statement there is."""
    call = Call(
        user_id, TRANSACTION, Policy(), lambda _: uuid7(), datetime.now(UTC), time.perf_counter, None, Deadline.after(None)
    )
    refusing = replace(call, policy=Policy(excess_returns="refuse"))
    invoice = read_invoice(user_id, document("1"), None, policy=Policy(), today=call.now.date())
    yield first_flight(invoice, call)
    yield first_flight(read_invoice(user_id, credit_memo("1"), None, policy=Policy(), today=call.now.date()), refusing)
    snapshot = Snapshot(0, frozenset(range(1, 16)), (), (), (), ())
    plan = plan_lines(invoice.lines, snapshot, policy=Policy(), new_id=lambda _: uuid7())
    plan = Plan(plan.lines, plan.items, plan.mappings, {("n:N1", "6/5LB"): NewReadings(["A"], ["B"])}, plan.match_keys)
    head = call.opened("[]")
    yield head + book_plan(Sending(invoice, invoice.lines), plan, 0, call)
    stored = KnownInvoice(invoice.invoice_id, user_id, "", "failed", None, invoice.invoice_date, None, None, 1, 0, "", False)
    yield head + book_plan(Sending(invoice, invoice.lines, stored), plan, 0, call)
    yield head + Flight(((HOLD_CATALOG, {"user_id": user_id}),))
    pages = (
        reports.InvoicePage(None, None, None, None, 100, None).fetch(call),
        reports.StockPage(100, None).fetch(call),
        reports.PricePage(None, None, True, 100, None).fetch(call),
        reports.PricePage(None, None, True, 100, None, vendor_name="Vendor 7").fetch(call),
        reports.PricePage(None, None, True, 100, None, item_id=uuid7()).fetch(call),
        ValuationPage(100, None).fetch(call),
        PurchasePage("vendor", True, None, None, 100, None).fetch(call),
        PurchasePage("category", True, None, None, 100, None).fetch(call),
        PurchasePage("item", True, None, None, 100, None).fetch(call),
        reports.get_invoice(invoice.invoice_id, call),
        reports.list_item_prices(uuid7(), call, limit=10),
    )
    yield from map(next, pages)
    yield Voiding(invoice.invoice_id, None, None).flight(call)
    yield Replacing(Voiding(invoice.invoice_id, None, None), invoice).first_flight(invoice, call)
    yield next(retry_failed(invoice.invoice_id, call))
    verification = Verification(100, repair=True)
    yield from (next(verification.verify_page(place, call)) for place in (START, Place(2, "", user_id)))
    for part in PARTS:
        yield Flight(tuple(each for each in mending(part, f"{{{user_id}}}", call).calls if each[0].name in SQL))
    yield next(MovementPage(user_id, 100, None).explain(call))
    yield next(find_levels("beef", call, limit=100))
    yield next(ReviewPage(100, None).fetch(call))
    yield next(MappingKey(user_id, "n:N1", "6/5LB").fetch(call))
    yield next(find_line_case(invoice.invoice_id, 1, call))
    yield from review_flights(user_id, call)
    yield from merge_flights(user_id, call)
    yield from vendor_flights(user_id, call)
    yield next(Dismissing(invoice.invoice_id, 1, "why", None).dismiss(call))
    yield next(undismiss(invoice.invoice_id, 1, call))
    yield from import_flights(call)
    yield TakingBack(user_id, None, None).flight(call)
    yield tenant.deleting(call)
    decisions = (
        rules.find_matching_policy(call),
        rules.set_matching_policy(MatchingPolicy(), call),
        rules.find_period_lock(call),
        rules.lock_period(None, call),
        rules.set_abbreviation("KDS", "CHILDREN", call),
        rules.remove_abbreviation("KDS", call),
        rules.list_abbreviations(call),
        rules.describe("", user_id, call),
        rules.set_conversions(user_id, {}, call),
        items.set_base_unit(user_id, "g", call),
    )
    yield from map(next, decisions)
    named = {
        "user_id": user_id,
        "vendor_id": user_id,
        "vendor_key": "v",
        "item_key": "n:1",
        "pack_key": "",
        "now": call.now,
        "reading": "",
        "item_id": user_id,
        "conversions": "{}",
        "packs": "[]",
        "name": "ITEM",
        "category": None,
        "base_unit": "g",
    }
    yield head + Flight(
        tuple(
            (Statement(name, SQL[name], tuple), named)
            for name in (
                "find_vendor",
                "find_mapping",
                "settings_of_caller",
                "restore_settings",
                "set_conversions",
                "set_pack_quantities",
                "rename_item",
                "set_category",
                "lock_vendors_of_packs",
                "require_unbooked",
                "set_base_unit",
            )
        )
    )


def review_flights(user_id: UUID, call: Call) -> Iterator[Flight]:
    """What a rejected match takes: a new item, and all that was booked moved to it."""
    lists: tuple[list[str], ...] = ([], ["A"], [], [])
    item = (user_id, "ITEM", "g", Decimal(1), "fuzzy_review", None, lists[0], None, None, None, "pending", *lists[1:])
    case = ReviewCase.of_row(user_id, "V", "n:N1", "6/5LB", None, "A", None, *item, None, None, None, 0, call.now, None, None)
    deciding = Deciding(case, None, None, None)
    verdict = Verdict(uuid7(), Decimal(1), "g")
    yield deciding.look_ups(call)
    params = deciding.params(call, verdict, uuid7()) | {"catalog_version": 0}
    yield booking(case, verdict, [1], params, call)


def merge_flights(user_id: UUID, call: Call) -> Iterator[Flight]:
    """What a merge of items in differing units takes, and its undoing."""
    one, other = uuid7(), uuid7()
    found = ToMerge(0, one, "ITEM", "g", {}, None, None, other, "OTHER", "each", {}, None)
    merge = Merge(one, other, (Decimal(1), Decimal(150)), [], [1], None)
    yield look_ups(one, other, call)
    params = params_of(merge, None, None, call)
    yield merge_flight(merge, found, {**params, "record": "{}"}, call)
    yield unmerge_flight(merge, found, params, call)


def vendor_flights(user_id: UUID, call: Call) -> Iterator[Flight]:
    """What a merge of vendors takes, and its undoing."""
    one, other = uuid7(), uuid7()
    found = VendorToMerge(0, one, "VENDOR", None, other, "OTHER", None, None, "", None)
    yield next(find_vendor("Vendor", call))
    yield vendor_look_ups(one, other, call)
    yield written(MERGE, vendor_params(found, one, other, None, call) | {"reason": None, "made_by": None}, call)
    yield written(UNMERGE, vendor_params(found, other, one, [one], call), call)


def import_flights(call: Call) -> Iterator[Flight]:
    """A row for each kind of what an import adds: an item that is new, and one that lacks something."""
    known = {"name": "Flour", "category": "dry", "vendor_name": "V", "pack_size": "1 KG"}
    rows = [{"name": "Salt", "opening_quantity": 1, "opening_unit": "kg"}, known]
    entries, _ = Importing(rows, None, None).read(call)
    yield import_look_ups(entries, call)
    columns: tuple[Any, ...] = (0, "name", uuid7(), "Flour", None, "g", {}, None, None, None, None)
    plan = ImportPlan(call.user_id, found_in(Landing({"find_catalog": [(0,)], "find_named": [columns]}, 1)), call.now.date())
    for entry in entries:
        plan.add(entry)
    yield writing(plan, uuid7(), None, call)


def every_call(user_id: UUID) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        statement.name: (statement.sql, {"lines": "[]", "timeout_ms": None, "rights": "", **given(params)})
        for flight in flights(user_id)
        for statement, params in flight.calls
        if statement.name not in WITHOUT_A_PLAN
    }


def explain(connection: psycopg.Connection[Any], text: str, params: dict[str, Any]) -> dict[str, Any]:
    """The generic plan, as the flights' settings ask for it: not made for these very values."""
    names = re.findall(r"%\((\w+)\)s", text)
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${list(dict.fromkeys(names)).index(found[1]) + 1}", text).replace(
        "%%", "%"
    )
    connection.execute(f"PREPARE asked AS {numbered}".encode())
    values = ", ".join(f"%({name})s" for name in dict.fromkeys(names))
    asked = f"EXPLAIN (FORMAT JSON) EXECUTE asked{'(' + values + ')' if values else ''}"
    row = psycopg.ClientCursor(connection).execute(asked, params).fetchone()
    connection.execute("DEALLOCATE asked")
    assert row is not None
    plan: dict[str, Any] = row[0][0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def leading_columns(connection: psycopg.Connection[Any]) -> dict[str, str]:
    rows = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true) FROM pg_index"
    ).fetchall()
    return {name: re.sub(r"[()]", "", column) for name, column in rows}


def faults(plan: dict[str, Any], leading: dict[str, str]) -> list[str]:
    """Where a plan reads a table otherwise than by the column that leads the index."""
    found = []
    for node in nodes(plan):
        kind, relation = node["Node Type"], node.get("Relation Name")
        if kind in ("Seq Scan", "Hash Join", "Merge Join"):
            found.append(f"{kind} on {relation}")
        if kind in ("Index Scan", "Index Only Scan", "Bitmap Index Scan"):
            condition = re.sub(r"[()]", "", node.get("Index Cond", ""))
            if not re.search(rf"\b{re.escape(leading[node['Index Name']])}\b", condition):
                found.append(f"{node['Index Name']} by {condition or 'nothing'}")
    return found


def test_every_statement_looks_up_by_key_in_every_state(dsn: str, state: str, user_id: UUID) -> None:
    with psycopg.connect(dsn) as connection:
        leading = leading_columns(connection)
        calls = every_call(user_id)
        settings, params = calls["settings"]
        connection.execute(settings, params)
        connection.execute("SELECT set_config('invoicedb.unmapped', '[]', true), set_config('invoicedb.known', '', true)")
        connection.execute(
            "SELECT set_config('invoicedb.bet', 'lost', true), set_config('invoicedb.page', '{}', true),"
            " set_config('invoicedb.shift', '1', true), set_config('invoicedb.vendor_id', '', true)"
        )
        assert connection.execute("SHOW jit").fetchone() == ("off",)
        found = {name: faults(explain(connection, text, params), leading) for name, (text, params) in calls.items()}
        left = {name: wrong for name, wrong in found.items() if wrong and name not in READ_THROUGH}
        assert left == {"verify_documents": ["Hash Join on None"] * len(left["verify_documents"])}
        for page, compared in PAGES.items():
            with connection.transaction(force_rollback=True):
                connection.execute(*calls[page])
                found = {name: faults(explain(connection, *calls[name]), leading) for name in compared}
            assert {wrong for each in found.values() for wrong in each} <= {"Hash Join on None"}, found


def test_no_two_statements_have_one_name() -> None:
    names = [name for file in Path(sql.__file__).parent.glob("*.sql") for name, _ in sql.statements_of(file.read_text("utf-8"))]
    assert sorted(names) == sorted(SQL)


def test_the_plan_test_knows_every_statement(user_id: UUID) -> None:
    booked = {name for name in SQL if not name.startswith("sequential_")}
    assert booked - WITHOUT_A_PLAN == set(every_call(user_id))


def blocks(connection: psycopg.Connection[Any], dsn: str) -> int:
    """Buffers touched by all of this connection's work so far, as the server's statistics count them."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    with psycopg.connect(dsn, autocommit=True) as other:
        row = other.execute("SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()").fetchone()
    assert row is not None
    return int(row[0])


def test_an_import_into_an_empty_database_does_not_slow_down(dsn: str, user_id: UUID) -> None:
    """500 invoices on one connection whose plans were made while the tables were empty, and nobody analyses them."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for table in invoicedb.schema.metadata.tables:
            connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    kwargs = {"autocommit": True, "prepare_threshold": 0}
    with ConnectionPool(dsn, min_size=1, max_size=1, kwargs=kwargs, open=True) as pool:
        database: Database = invoicedb.connect(pool=pool)
        touched = []
        for batch in range(10):
            with pool.connection() as connection:
                before = blocks(connection, dsn)
            for place in range(50):
                number = batch * 50 + place
                date = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"
                database.process_invoice(user_id, document(str(number), since=number % 40, date=date))
            with pool.connection() as connection:
                touched.append(blocks(connection, dsn) - before)
    assert touched[-1] <= 1.25 * touched[1], touched

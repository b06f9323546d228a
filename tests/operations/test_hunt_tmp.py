"""Whatever is sent, the flights leave the rows that the sequential reference leaves, and answer what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest
from hypothesis import HealthCheck, given, note, settings
from psycopg import sql
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

import invoicedb
from invoicedb.connections import Pool
from invoicedb.database import Calls
from invoicedb.errors import InvoicedbError
from invoicedb.models import InvoiceResult, Policy
from invoicedb.operations.call import PREVIEW, TRANSACTION
from invoicedb.schema import metadata
from invoicedb.sequential import InvoiceProcessor
from invoicedb.tasks import settings_of
from tests.builders import Sending, invoices
from tests.conftest import administer
from tests.servers import with_database

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Side:
    """A database that one of the two books into."""

    connection: psycopg.Connection[Any]
    book: Callable[[UUID, Any, UUID | None], InvoiceResult]

    def rows(self, user_id: UUID) -> dict[str, list[dict[str, Any]]]:
        return {name: self.table(name, user_id) for name in metadata.tables}

    def table(self, name: str, user_id: UUID) -> list[dict[str, Any]]:
        statement = sql.SQL("SELECT * FROM {} AS row WHERE user_id = %s ORDER BY row::text").format(sql.Identifier(name))
        return self.connection.cursor(row_factory=dict_row).execute(statement, [user_id]).fetchall()


KEY=[""]
def keyed(what: str) -> UUID:
    return uuid5(UUID(int=2), KEY[0]+what)


@pytest.fixture(scope="module")
def flights_side(server_dsn: str, template_dsn: str) -> Iterator[Side]:
    name = f"oracle_{uuid4().hex}"
    administer(server_dsn, sql.SQL("CREATE DATABASE {} TEMPLATE invoicedb_template").format(sql.Identifier(name)))
    dsn = with_database(server_dsn, name)
    base = replace(settings_of(None, None, TRANSACTION, PREVIEW), new_id=keyed, now=lambda: NOW)
    with ConnectionPool(dsn, min_size=1, max_size=1, kwargs={"autocommit": True}, open=True) as pool, psycopg.connect(dsn, autocommit=True) as c:
        calls = Calls(Pool(pool, prepare=True), base)
        yield Side(c, calls.process_invoice)
    administer(server_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def reference(server_dsn: str, template_dsn: str) -> Iterator[Side]:
    name = f"oracle_{uuid4().hex}"
    administer(server_dsn, sql.SQL("CREATE DATABASE {} TEMPLATE invoicedb_template").format(sql.Identifier(name)))
    dsn = with_database(server_dsn, name)
    with psycopg.connect(dsn, autocommit=True) as c:
        yield Side(c, InvoiceProcessor(c, new_id=keyed, now=lambda: NOW).process_invoice)
    administer(server_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def outcome(book, user_id, sending):
    try:
        r = book(user_id, *sending)
    except InvoicedbError as e:
        return type(e), str(e)
    return replace(r, round_trips=0, processing_time_seconds=0.0, warnings=()), [str(w) for w in r.warnings]

import itertools, collections, atexit
STAT=collections.Counter()
atexit.register(lambda: print(STAT))
N = itertools.count()

import os
@settings(max_examples=int(os.environ.get("N_EX", "100")), deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(invoices())
def test_any(flights_side, reference, sent):
    user = uuid4()
    KEY[0]=str(user)
    for s in sent:
        note(str(s))
        a = outcome(flights_side.book, user, s)
        b = outcome(reference.book, user, s)
        STAT[a[0].__name__ if isinstance(a[0],type) else 'ok'] += 1
        if not isinstance(a[0],type):
            if a[0].replayed: STAT['replayed']+=1
            if a[1]: STAT['warn'] += 1
            for l in a[0].lines:
                STAT[l.match_method or l.error_type] += 1
                if l.previous_price is not None: STAT['prev'] += 1
                if l.match_method!='new' and l.match_score is not None: STAT['score'] += 1
        assert a == b
    assert flights_side.rows(user) == reference.rows(user)

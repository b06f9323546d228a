"""The proxy's counts are what the wire tests and the benchmarks rest on, so they are held against the clock once."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from time import monotonic

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from tests.wire.proxy import SSL_REQUEST, FrontendMessages, WireProxy

type_and_body = st.tuples(st.sampled_from([b"Q", b"P", b"B", b"E", b"S"]), st.binary(max_size=40))


@pytest.fixture
def proxy(server_dsn: str) -> Iterator[WireProxy]:
    with WireProxy(server_dsn) as running:
        yield running


@pytest.fixture
def connection(proxy: WireProxy) -> Iterator[psycopg.Connection]:
    """An autocommit connection through the proxy, with nothing counted yet."""
    with closing(psycopg.connect(proxy.dsn, autocommit=True)) as connected:
        proxy.reset()
        yield connected


@pytest.fixture
def copied(connection: psycopg.Connection) -> psycopg.Connection:
    """A connection with a table to copy into."""
    connection.execute("CREATE TEMPORARY TABLE copied (n int)")
    return connection


def ones(connection: psycopg.Connection, count: int) -> None:
    for _ in range(count):
        connection.execute("SELECT 1")


def pipelined(connection: psycopg.Connection, count: int) -> None:
    with connection.pipeline():
        ones(connection, count)


def fetch_in_the_middle(connection: psycopg.Connection) -> None:
    with connection.pipeline():
        connection.execute("SELECT 1").fetchone()
        connection.execute("SELECT 1")


def fail_in_a_pipeline(connection: psycopg.Connection) -> None:
    with connection.pipeline():
        connection.execute("SELECT 1 / %s::int", [0])
        connection.execute("SELECT 1")


def copy_rows(connection: psycopg.Connection) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY copied FROM STDIN") as copy:
        for n in range(5_000):
            copy.write_row((n,))


# ---- counting -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parameters", [None, [1]], ids=["simple", "extended"])
def test_a_statement_on_its_own_is_one_round_trip(
    proxy: WireProxy, connection: psycopg.Connection, parameters: list[int] | None
) -> None:
    connection.execute("SELECT 1" if parameters is None else "SELECT %s::int", parameters)
    assert (proxy.round_trips, proxy.statements) == (1, 1)


def test_a_pipeline_of_five_statements_is_one_round_trip(proxy: WireProxy, connection: psycopg.Connection) -> None:
    pipelined(connection, 5)
    assert (proxy.round_trips, proxy.statements) == (1, 5)


def test_a_pipeline_that_fails_is_one_round_trip(proxy: WireProxy, connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        fail_in_a_pipeline(connection)
    assert proxy.round_trips == 1


def test_a_fetch_in_the_middle_of_a_pipeline_is_a_round_trip_of_its_own(
    proxy: WireProxy, connection: psycopg.Connection
) -> None:
    fetch_in_the_middle(connection)
    assert proxy.round_trips == 2


def test_a_copy_waits_for_its_start_and_for_its_end(proxy: WireProxy, copied: psycopg.Connection) -> None:
    proxy.reset()
    copy_rows(copied)
    assert proxy.round_trips == 2


def test_a_transaction_block_costs_its_begin_and_its_commit(proxy: WireProxy, connection: psycopg.Connection) -> None:
    with connection.transaction():
        ones(connection, 3)
    assert proxy.round_trips == 5


def test_connections_are_counted_apart_and_together(proxy: WireProxy, connection: psycopg.Connection) -> None:
    with closing(psycopg.connect(proxy.dsn, autocommit=True)) as other:
        ones(connection, 1)
        ones(other, 2)
        assert [counts.round_trips for counts in proxy.connections] == [1, 2]
        assert proxy.round_trips == 3


def test_bytes_are_counted_both_ways(proxy: WireProxy, connection: psycopg.Connection) -> None:
    sent = "x" * 300_000
    answered = connection.execute("SELECT repeat(%s::text, 2)", [sent]).fetchone()
    assert answered == (sent * 2,)
    assert proxy.total.client_bytes == pytest.approx(300_000, abs=200)
    assert proxy.total.server_bytes == pytest.approx(600_000, abs=200)


def test_reset_forgets_what_was_counted_and_who_has_gone(proxy: WireProxy, connection: psycopg.Connection) -> None:
    ones(connection, 2)
    proxy.reset()
    assert (proxy.round_trips, len(proxy.connections)) == (0, 1)


def test_a_cancelled_statement_is_cancelled_through_the_proxy(proxy: WireProxy, connection: psycopg.Connection) -> None:
    """A cancel that arrives before the statement has begun cancels nothing: so it is sent until it has told."""
    with ThreadPoolExecutor(1) as other:
        asleep = other.submit(connection.execute, "SELECT pg_sleep(%s)", [10])
        while not asleep.done():
            connection.cancel_safe()
            wait([asleep], timeout=0.1)
        with pytest.raises(psycopg.errors.QueryCanceled):
            asleep.result()


@given(st.lists(type_and_body, max_size=12), st.booleans(), st.lists(st.integers(1, 30), min_size=1))
def test_messages_are_found_however_the_stream_was_cut(
    messages: list[tuple[bytes, bytes]], asks_for_encryption: bool, sizes: list[int]
) -> None:
    stream = b"".join(kind + (len(body) + 4).to_bytes(4) + body for kind, body in messages)
    start = (4 + 4 + 9).to_bytes(4) + (3 << 16).to_bytes(4) + b"user\0me\0\0"
    request = (8).to_bytes(4) + SSL_REQUEST.to_bytes(4) if asks_for_encryption else b""
    parser = FrontendMessages()
    found = [kind for piece in pieces(request + start + stream, sizes) for kind in parser.feed(piece)]
    assert found == [kind for kind, _ in messages]


def pieces(stream: bytes, sizes: list[int]) -> Iterator[bytes]:
    """`stream` in pieces of these sizes, over and over."""
    position = turn = 0
    while position < len(stream):
        size = sizes[turn % len(sizes)]
        yield stream[position : position + size]
        position, turn = position + size, turn + 1


# ---- delaying -------------------------------------------------------------------------------------------------------------


def test_what_is_counted_is_what_the_clock_says(proxy: WireProxy, copied: psycopg.Connection) -> None:
    """The only test that times: the slope of time over delay is the number of round trips."""
    assert slope(proxy, lambda: ones(copied, 1)) == pytest.approx(1, abs=0.4)
    assert slope(proxy, lambda: ones(copied, 3)) == pytest.approx(3, abs=0.4)
    assert slope(proxy, lambda: pipelined(copied, 10)) == pytest.approx(1, abs=0.4)
    assert slope(proxy, lambda: fetch_in_the_middle(copied)) == pytest.approx(2, abs=0.4)
    assert slope(proxy, lambda: copy_rows(copied)) == pytest.approx(2, abs=0.4)


def slope(proxy: WireProxy, work: Callable[[], None], *, delay: float = 0.050) -> float:
    """Seconds that `work` takes longer for each second that a round trip takes longer."""
    proxy.delay = delay
    delayed = least_seconds(work)
    proxy.delay = 0
    return (delayed - least_seconds(work)) / delay


def least_seconds(work: Callable[[], None]) -> float:
    """The least of several: a busy machine only ever adds."""
    return min(seconds(work) for _ in range(5))


def seconds(work: Callable[[], None]) -> float:
    started = monotonic()
    work()
    return monotonic() - started


def test_delayed_bytes_arrive_complete_and_in_order(proxy: WireProxy, connection: psycopg.Connection) -> None:
    proxy.delay = 0.004
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int, repeat('x', 20000)", [n]) for n in range(200)]
    assert [cursor.fetchone() for cursor in cursors] == [(n, "x" * 20_000) for n in range(200)]
    assert proxy.round_trips == 1


# ---- cutting --------------------------------------------------------------------------------------------------------------


def test_a_cut_before_the_statement_arrived_leaves_nothing(
    proxy: WireProxy, connection: psycopg.Connection, note: Note
) -> None:
    proxy.cut_after_client_bytes = 5
    with pytest.raises(psycopg.OperationalError):
        note.write(connection)
    assert not note.written()
    assert proxy.cut_after_client_bytes is None


def test_a_cut_before_the_answer_arrived_leaves_what_was_written(
    proxy: WireProxy, connection: psycopg.Connection, note: Note
) -> None:
    proxy.cut_after_server_bytes = 0
    with pytest.raises(psycopg.OperationalError):
        note.write(connection)
    assert note.written()


def test_after_a_cut_the_next_connection_is_whole(proxy: WireProxy, connection: psycopg.Connection) -> None:
    proxy.cut()
    with pytest.raises(psycopg.OperationalError):
        ones(connection, 1)
    with closing(psycopg.connect(proxy.dsn)) as again:
        assert again.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_is_not_there_ends_the_connection_and_not_the_proxy(proxy: WireProxy) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as closed_soon:
        port = closed_soon.getsockname()[1]
    with WireProxy(f"host=127.0.0.1 port={port}") as to_nowhere:
        for _ in range(2):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(make_conninfo(to_nowhere.dsn, connect_timeout=5))


@dataclass(frozen=True)
class Note:
    """A comment on the database: something committed that another connection can see, with no table needed for it."""

    direct: psycopg.Connection

    def write(self, connection: psycopg.Connection) -> None:
        connection.execute("COMMENT ON DATABASE postgres IS 'written'")

    def erase(self) -> None:
        self.direct.execute("COMMENT ON DATABASE postgres IS NULL")

    def written(self) -> bool:
        found = self.direct.execute(
            "SELECT shobj_description(oid, 'pg_database') = 'written' FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
        return found == (True,)


@pytest.fixture
def note(server_dsn: str) -> Iterator[Note]:
    with psycopg.connect(server_dsn, autocommit=True) as direct:
        note = Note(direct)
        note.erase()
        yield note
        note.erase()

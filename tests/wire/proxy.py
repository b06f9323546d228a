"""A proxy between a client and PostgreSQL that counts what crosses the wire, delays it, or cuts it off.

Round trips are what an invoice costs on a network, so they are counted where they happen and not where a client says so.
The proxy listens on loopback TCP and reaches its server by TCP or by unix socket:

    with WireProxy(dsn, delay=0.020) as proxy, psycopg.connect(proxy.dsn, autocommit=True) as connection:
        proxy.reset()
        connection.execute("SELECT 1")
        assert proxy.round_trips == 1

Each direction of each connection has a thread of its own. A thread sleeps in `select()`, whose timeout is not rounded to
milliseconds as that of `poll()`, and so asyncio's, is; it wakes a little early and looks at the clock until the bytes are due.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

READ_SIZE = 1 << 16
OVERSLEEP = 0.0005  # seconds by which a virtual machine may wake too late
LOOPBACK = "127.0.0.1"


# ---- what was counted -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WireCounts:
    """What crossed the wire: on one connection, or on all of them."""

    round_trips: int = 0
    statements: int = 0
    client_bytes: int = 0
    server_bytes: int = 0

    def __add__(self, other: WireCounts) -> WireCounts:
        return WireCounts(
            self.round_trips + other.round_trips,
            self.statements + other.statements,
            self.client_bytes + other.client_bytes,
            self.server_bytes + other.server_bytes,
        )


# ---- the client's side of the protocol ------------------------------------------------------------------------------------

CANCEL_REQUEST = 80877102
SSL_REQUEST = 80877103
GSSENC_REQUEST = 80877104

QUERY, EXECUTE, SYNC, FLUSH = b"Q", b"E", b"S", b"H"
COPY_DATA, COPY_DONE, COPY_FAIL = b"d", b"c", b"f"

STARTUP_HEADER = 8  # length, then a code or a protocol version
MESSAGE_HEADER = 5  # type, then length


class FrontendMessages:
    """Splits what a client sends into messages, however it was cut into reads. Bodies are skipped, not kept."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._header_size = STARTUP_HEADER
        self._body_left = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The type of each message whose header ends in `data`; messages before the connection's start have none."""
        position = 0
        while position < len(data):
            if self._body_left:
                position += self._skip_body(len(data) - position)
                continue
            missing = self._header_size - len(self._header)
            self._header += data[position : position + missing]
            position += missing
            if len(self._header) == self._header_size:
                yield from self._header_read()

    def _skip_body(self, available: int) -> int:
        skipped = min(self._body_left, available)
        self._body_left -= skipped
        return skipped

    def _header_read(self) -> Iterator[bytes]:
        header = bytes(self._header)
        self._header.clear()
        if self._header_size == STARTUP_HEADER:
            self._started(length=int.from_bytes(header[:4]), code=int.from_bytes(header[4:]))
        else:
            self._body_left = int.from_bytes(header[1:]) - 4
            yield header[:1]

    def _started(self, *, length: int, code: int) -> None:
        """After a request for encryption, which `WireProxy.dsn` never makes, and the server's no, the real start follows."""
        self._body_left = length - STARTUP_HEADER
        if code not in {SSL_REQUEST, GSSENC_REQUEST, CANCEL_REQUEST}:
            self._header_size = MESSAGE_HEADER


class RoundTripRule:
    """Which messages a client waits behind.

    `Sync` and a simple `Query`, as the protocol has it. Two more waits carry neither: the end of a `COPY` that a simple query
    began, and a `Flush` that asks for answers before any `Sync` did (a fetch in the middle of a pipeline). A `Flush`
    right behind a `Sync`, as psycopg sends it when it leaves a pipeline, asks for nothing new.
    """

    def __init__(self) -> None:
        self._unanswered = False
        self._in_simple_query = False

    def waits_behind(self, message: bytes) -> bool:
        """Whether the client now waits for the server. Called with every message, in order."""
        if message in {QUERY, SYNC}:
            self._unanswered, self._in_simple_query = False, message == QUERY
            return True
        if message == FLUSH:
            asks_for_something, self._unanswered = self._unanswered, False
            return asks_for_something
        if message in {COPY_DATA, COPY_DONE, COPY_FAIL}:
            return message != COPY_DATA and self._in_simple_query
        self._unanswered = True
        return False


# ---- one connection -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Fuse:
    """How many more bytes may pass in one direction, over all connections; None: any number. It blows once."""

    left: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def let_pass(self, data: bytes) -> tuple[bytes, bool]:
        """What of `data` may still pass, and whether the fuse blew behind it."""
        with self.lock:
            if self.left is None:
                return data, False
            if len(data) < self.left:
                self.left -= len(data)
                return data, False
            passed, self.left = data[: self.left], None
            return passed, True


class Cut(OSError):
    """The fuse blew: both sides are to be hung up on."""


@dataclass(slots=True)
class Pump:
    """Carries one direction's bytes, each `delay()` seconds after it came.

    Bytes wait side by side and not one behind the other: two packets a millisecond apart arrive a millisecond apart, later.
    """

    source: socket.socket
    sink: socket.socket
    delay: Callable[[], float]
    count: Callable[[bytes], None]
    fuse: Fuse
    under_way: deque[tuple[float, bytes]] = field(default_factory=deque)
    open: bool = True

    def run(self) -> None:
        """Until the source has ended and the last byte has arrived."""
        while self.open or self.under_way:
            if self._readable():
                self._take()
            self._deliver()
        self.sink.shutdown(socket.SHUT_WR)

    def _readable(self) -> bool:
        """Wait for the source, but no longer than until the next bytes are due."""
        timeout = max(0.0, self.under_way[0][0] - monotonic() - OVERSLEEP) if self.under_way else None
        sources = [self.source] if self.open else []
        return bool(select.select(sources, [], [], timeout)[0])

    def _take(self) -> None:
        data = self.source.recv(READ_SIZE)
        if data:
            self.count(data)
            self.under_way.append((monotonic() + self.delay(), data))
        else:
            self.open = False

    def _deliver(self) -> None:
        while self.under_way and self.under_way[0][0] <= monotonic():
            passed, blown = self.fuse.let_pass(self.under_way.popleft()[1])
            self.sink.sendall(passed)
            if blown:
                raise Cut


class Connection:
    """A client, the server's side that belongs to it, two threads in between, and what they counted."""

    def __init__(self, client: socket.socket, proxy: WireProxy) -> None:
        self._client = client
        self._server: socket.socket | None = None
        self._proxy = proxy
        self._counts = WireCounts()
        self._lock = threading.Lock()
        self._messages = FrontendMessages()
        self._rule = RoundTripRule()
        self._thread = threading.Thread(target=self._serve, name="wire-proxy", daemon=True)

    def start(self) -> None:
        """Connect to the server and carry bytes, in threads of its own."""
        self._thread.start()

    def close(self) -> None:
        """Hang up on both sides and wait for the threads."""
        self._hang_up()
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether bytes may still pass."""
        return self._thread.is_alive()

    @property
    def counts(self) -> WireCounts:
        """What crossed since the start, or since `reset()`."""
        with self._lock:
            return self._counts

    def reset(self) -> None:
        """Count from nought again."""
        with self._lock:
            self._counts = WireCounts()

    def _serve(self) -> None:
        try:
            self._server = self._proxy.target.connect()
        except OSError:  # a server that refuses: the client sees its connection end
            hang_up(self._client)
            self._client.close()
            return
        with self._client, self._server:
            upward = Pump(self._client, self._server, self._proxy.one_way, self._count_up, self._proxy.client_fuse)
            downward = Pump(self._server, self._client, self._proxy.one_way, self._count_down, self._proxy.server_fuse)
            down = threading.Thread(target=self._pump, args=(downward,), name="wire-proxy-down", daemon=True)
            down.start()
            self._pump(upward)
            down.join()

    def _pump(self, pump: Pump) -> None:
        try:
            pump.run()
        except OSError:  # a side went away, or was cut: then the other one goes too, as on a broken network
            self._hang_up()

    def _hang_up(self) -> None:
        hang_up(self._client)
        if self._server is not None:
            hang_up(self._server)

    def _count_up(self, data: bytes) -> None:
        round_trips = statements = 0
        for message in self._messages.feed(data):
            round_trips += self._rule.waits_behind(message)
            statements += message in {QUERY, EXECUTE}
        self._count(WireCounts(round_trips, statements, client_bytes=len(data)))

    def _count_down(self, data: bytes) -> None:
        self._count(WireCounts(server_bytes=len(data)))

    def _count(self, more: WireCounts) -> None:
        with self._lock:
            self._counts += more


def hang_up(side: socket.socket) -> None:
    """`shutdown()`, which wakes whoever waits for this socket here and tells the peer; `close()` alone does neither."""
    with contextlib.suppress(OSError):  # already gone
        side.shutdown(socket.SHUT_RDWR)


# ---- the proxy ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """Where the server listens: a directory with its unix socket, or a TCP host."""

    host: str
    port: int

    @classmethod
    def of(cls, dsn: str) -> Target:
        """The one server that `dsn` names."""
        parameters = conninfo_to_dict(dsn)
        host = parameters.get("hostaddr") or parameters.get("host")
        if not host:
            raise ValueError("the proxy needs a DSN that names its host: a name, an address or a socket's directory")
        return cls(str(host), int(parameters.get("port") or 5432))

    def connect(self) -> socket.socket:
        """A new connection to the server."""
        if self.host.startswith("/"):
            side = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            side.connect(f"{self.host}/.s.PGSQL.{self.port}")
            return side
        side = socket.create_connection((self.host, self.port))
        send_at_once(side)
        return side


def send_at_once(side: socket.socket) -> None:
    """No Nagle: a small packet must not wait for the answer to the one before."""
    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class WireProxy:
    """A PostgreSQL server, seen through a wire that is counted, as long as wanted, and can break.

    `delay`: seconds that a round trip takes longer; may be changed at any time.
    `cut_after_client_bytes`, `cut_after_server_bytes`: break the connection when so many more bytes have passed upwards,
    or downwards (0: at the next byte, which is lost). Only one connection breaks each time that one of them is set.
    """

    def __init__(
        self,
        target_dsn: str,
        *,
        delay: float = 0.0,
        cut_after_client_bytes: int | None = None,
        cut_after_server_bytes: int | None = None,
    ) -> None:
        self.target = Target.of(target_dsn)
        self.delay = delay
        self.client_fuse = Fuse(cut_after_client_bytes)
        self.server_fuse = Fuse(cut_after_server_bytes)
        self._target_dsn = target_dsn
        self._connections: list[Connection] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        self._thread = threading.Thread(target=self._accept, name="wire-proxy-accept", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def dsn(self) -> str:
        """The target's DSN, led through the proxy. Unencrypted, or there would be nothing to count."""
        parameters = {name: value for name, value in conninfo_to_dict(self._target_dsn).items() if name != "hostaddr"}
        port = self._listener.getsockname()[1]
        return make_conninfo("", **parameters | {"host": LOOPBACK, "port": port, "sslmode": "disable", "gssencmode": "disable"})

    @property
    def connections(self) -> tuple[WireCounts, ...]:
        """What crossed on each connection that was open at the last `reset()` or was opened since, oldest first."""
        with self._lock:
            return tuple(connection.counts for connection in self._connections)

    @property
    def total(self) -> WireCounts:
        """What crossed on all of them."""
        return sum(self.connections, WireCounts())

    @property
    def round_trips(self) -> int:
        """How often clients waited for the server."""
        return self.total.round_trips

    @property
    def statements(self) -> int:
        """How many statements clients sent, skipped ones included."""
        return self.total.statements

    def reset(self) -> None:
        """Count from nought again, and forget connections that have ended."""
        with self._lock:
            self._connections = [connection for connection in self._connections if connection.alive]
            for connection in self._connections:
                connection.reset()

    def one_way(self) -> float:
        """Seconds that a byte travels in one direction."""
        return self.delay / 2

    @property
    def cut_after_client_bytes(self) -> int | None:
        """Bytes that may still pass upwards, None without a limit or once it was reached."""
        return self.client_fuse.left

    @cut_after_client_bytes.setter
    def cut_after_client_bytes(self, count: int | None) -> None:
        self.client_fuse.left = count

    @property
    def cut_after_server_bytes(self) -> int | None:
        """Bytes that may still pass downwards, None without a limit or once it was reached."""
        return self.server_fuse.left

    @cut_after_server_bytes.setter
    def cut_after_server_bytes(self, count: int | None) -> None:
        self.server_fuse.left = count

    def cut(self) -> None:
        """Break every connection now."""
        with self._lock:
            connections = tuple(self._connections)
        for connection in connections:
            connection.close()

    def close(self) -> None:
        """Take no more connections, and break those that are open."""
        hang_up(self._listener)
        self._listener.close()
        self._thread.join()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            send_at_once(client)
            connection = Connection(client, self)
            with self._lock:
                self._connections.append(connection)
            connection.start()

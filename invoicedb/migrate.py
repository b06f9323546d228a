"""Brings a database's tables to this version. The migrations travel inside the package."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from invoicedb.errors import DatabaseUnreachable

LOCK = 5_012_886_273_371
"""The advisory lock under which one process migrates while others wait."""


def migrations() -> Path:
    """Inside the installed package, or beside it in a checkout."""
    here = Path(__file__).parent
    return next(place for place in (here / "migrations", here.parent / "migrations") if place.is_dir())


def configuration(connection: Connection, schema: str | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes.update(connection=connection, schema=schema)
    return config


def migrate(conninfo: str, *, schema: str | None, revision: str = "head") -> None:
    """Run what is missing up to `revision`, all of it in one transaction. Does nothing where nothing is missing."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            command.upgrade(configuration(connection, schema), revision)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(reason=str(error).strip()) from None
    finally:
        engine.dispose()

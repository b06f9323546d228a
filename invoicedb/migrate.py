"""Brings a database's tables to this version. The migrations travel inside the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from invoicedb.errors import DatabaseUnreachable, MigrationFailed

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 5_012_886_273_371
"""The advisory lock under which one process migrates while others wait."""


def migrations() -> Path:
    """Inside the installed package, or beside it in a checkout."""
    here = Path(__file__).parent
    return next(place for place in (here / "migrations", here.parent / "migrations") if place.is_dir())


def configuration(connection: Connection, schema: str | None) -> Config:
    from alembic.config import Config  # a third of a second that only those who migrate need to spend

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes.update(connection=connection, schema=schema)
    return config


def migrate(conninfo: str | None, *, schema: str | None, revision: str = "head") -> None:
    """Run what is missing up to `revision`, all of it in one transaction. Does nothing where nothing is missing.

    Raises DatabaseUnreachable, and MigrationFailed where the server refuses it or the tables are of a newer version.
    """
    from alembic import command
    from alembic.util import CommandError

    if conninfo is None:
        raise DatabaseUnreachable(reason="this pool's connection string is made by a function: migrate with connect(dsn)")

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            command.upgrade(configuration(connection, schema), revision)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(reason=str(error).strip()) from None
    except DBAPIError as error:
        raise MigrationFailed(reason=str(error.orig).strip().splitlines()[0]) from error
    except CommandError as error:
        raise MigrationFailed(reason=f"{error}: the tables were made by another version") from error
    finally:
        engine.dispose()

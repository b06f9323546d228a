"""Alembic's environment, for `db.migrate()` and for the `alembic` command alike.

`db.migrate()` hands over an open connection and the schema through the configuration's attributes; the command reads
DATABASE_URL. The tables to compare with are named in alembic.ini (`tables = module:metadata`): the package is not imported.
"""

from __future__ import annotations

import importlib
import os

from alembic import context
from sqlalchemy import Connection, MetaData, create_engine, make_url, text
from sqlalchemy.sql.compiler import IdentifierPreparer

config = context.config


def tables() -> MetaData | None:
    """The MetaData that `alembic check` compares with, or None where the configuration names none."""
    place = config.get_main_option("tables")
    if not place:
        return None
    module, _, name = place.partition(":")
    found: MetaData = getattr(importlib.import_module(module), name)
    return found


def migrate(connection: Connection, schema: str | None) -> None:
    """Run the migrations of the configured command in `schema`, or wherever the search path points."""
    if schema is not None:
        quoted = IdentifierPreparer(connection.dialect).quote(schema)
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))
        connection.execute(text(f"SET LOCAL search_path TO {quoted}"))
    context.configure(
        connection=connection,
        target_metadata=tables(),
        version_table="invoicedb_migrations",
        version_table_schema=schema,
        include_object=lambda thing, name, kind, reflected, other: not (kind == "table" and reflected and other is None),
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    given: Connection | None = config.attributes.get("connection")
    schema: str | None = config.attributes.get("schema")
    if given is not None:
        migrate(given, schema)
        return
    dsn = os.environ.get("DATABASE_URL")
    if not dsn:
        raise SystemExit("set DATABASE_URL, for example postgresql://user@localhost/name, or call db.migrate()")
    engine = create_engine(make_url(dsn).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        migrate(connection, schema)


main()

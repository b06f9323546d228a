"""The common part of those rivals that talk to PostgreSQL themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.workload import Document, Workload
from invoicedb.sql import statements_of


def load(file_name: str) -> dict[str, str]:
    """The statements of a .sql file beside this one, by name."""
    return dict(statements_of(Path(__file__).with_name(file_name).read_text("utf-8")))


class Direct:
    """A psycopg connection in autocommit: each statement is its own transaction and its own round trip."""

    connection: psycopg.Connection[tuple[Any, ...]]

    def prepare(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True, prepare_threshold=0)

    def document(self, workload: Workload, number: int) -> Document:
        return workload.document(number)

    def set_up(self, user_id: UUID, document: Document) -> None:
        """Nothing: the invoice is new, its lines are known."""

    def close(self) -> None:
        self.connection.close()

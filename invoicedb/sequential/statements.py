"""The statements of sequential.sql, run by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from invoicedb.sql import SQL


class Ask(Protocol):
    """Runs a statement and gives its rows; none where it returns none."""

    def __call__(self, name: str, /, **values: object) -> list[tuple[Any, ...]]: ...


@dataclass(slots=True)
class Statements:
    """Runs the statements for one user, at one time, and counts them."""

    connection: psycopg.Connection[Any]
    user_id: UUID
    now: datetime
    count: int = 0

    def rows(self, name: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        self.count += 1
        with self.connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(SQL[f"sequential_{name}"], {**values, "user_id": self.user_id, "now": self.now})
            return cursor.fetchall() if cursor.description else []


def values_of(row: Any) -> dict[str, Any]:
    """The fields of a value, as parameters by their names."""
    return {name: getattr(row, name) for name in row.__slots__}

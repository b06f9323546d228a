"""The best honest rival: a PL/pgSQL function that books a whole invoice of known lines in one call."""

from __future__ import annotations

from benchmarks.rivals.direct import load
from benchmarks.rivals.one_call import OneCall

SQL = load("function.sql")


class Function(OneCall):
    """The same rows as invoicedb's, with the same checks; it knows exact mappings only."""

    name = "PL/pgSQL function"
    tenant = "function"
    call = SQL["call"]

    def prepare(self, dsn: str) -> None:
        super().prepare(dsn)
        self.connection.execute(SQL["function"])

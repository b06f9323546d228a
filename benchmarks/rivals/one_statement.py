"""The whole invoice as one data-modifying WITH statement."""

from __future__ import annotations

from benchmarks.rivals.direct import load
from benchmarks.rivals.one_call import OneCall


class OneStatement(OneCall):
    """The same rows again, by one plan. Not safe beside others: it sees prices as they were before it waited for the vendor."""

    name = "one WITH statement"
    tenant = "statement"
    call = load("one_statement.sql")["call"]

    def prepare(self, dsn: str) -> None:
        super().prepare(dsn)
        self.connection.execute("SET plan_cache_mode = force_generic_plan")
        self.connection.execute("SET enable_seqscan = off")

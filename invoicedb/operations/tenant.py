"""A tenant, deleted: every row of every table, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from invoicedb.errors import NotConfirmed
from invoicedb.flights import Flight, Landing, Operation, Rejected, Statement, flight
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.results import TenantDeletion
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class Gone:
    count: int


TABLES = (
    "price_history",
    "inventory_transactions",
    "invoice_lines",
    "invoices",
    "vendor_item_mappings",
    "item_match_keys",
    "inventory_items",
    "vendors",
    "abbreviations",
    "catalogs",
)
"""Each before those that its foreign keys name."""

LOCK = (silent("lock_tenant"), silent("lock_vendors_of_tenant"))
DELETE = {table: Statement(f"delete_{table}", SQL[f"delete_{table}"], Gone) for table in TABLES}


def require_confirmed(user_id: UUID, confirm: str) -> None:
    """Raises NotConfirmed unless the very tenant was typed."""
    wanted = f"delete {user_id}"
    if confirm != wanted:
        raise NotConfirmed(user_id=user_id, wanted=wanted)


def delete_tenant(call: Call) -> Operation[TenantDeletion]:
    """One flight, more where somebody books for the tenant meanwhile: a new row then holds on to an old one."""
    return (yield from planned_again(delete_once, call, after=Rejected))


def delete_once(call: Call) -> Operation[TenantDeletion]:
    landing = yield deleting(call)
    return TenantDeletion(call.user_id, dict(counts(landing)), landing.round_trips)


def deleting(call: Call) -> Flight:
    return call.opened() + flight(*call.frame.begin, *LOCK, *DELETE.values(), *call.frame.end, user_id=call.user_id)


def counts(landing: Landing) -> Iterator[tuple[str, int]]:
    for table, statement in DELETE.items():
        yield table, sum(gone.count for gone in landing.rows(statement))

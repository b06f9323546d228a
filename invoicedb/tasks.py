"""Each call of a database as a task for a runner: what the two kinds of database have in common, which is all but waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from invoicedb.domain.document import read_invoice
from invoicedb.domain.head import read_id
from invoicedb.errors import InvalidCatalog
from invoicedb.flights import Deadline, Operation
from invoicedb.formats.json import read_json
from invoicedb.ids import uuid7
from invoicedb.models import CatalogItem, InvoiceData, Policy
from invoicedb.operations import items, reports, rules
from invoicedb.operations.call import RIGHTS, Call, Frame, landed
from invoicedb.operations.correct import Voiding
from invoicedb.operations.dismiss import Dismissing, undismiss
from invoicedb.operations.explain import MovementPage
from invoicedb.operations.importing import Importing
from invoicedb.operations.ingest import ingest
from invoicedb.operations.merge import Merging
from invoicedb.operations.opening import TakingBack
from invoicedb.operations.replace import Replacing
from invoicedb.operations.retry import retry_failed
from invoicedb.operations.review import Deciding, MappingKey, find_line_case
from invoicedb.operations.tenant import delete_tenant, require_confirmed
from invoicedb.operations.unmerge import Unmerging
from invoicedb.operations.vendors import VendorMerging, VendorUnmerging, find_vendor
from invoicedb.operations.verify import Place, Verification
from invoicedb.results import ExplainedMovement, ReviewCase

Document: TypeAlias = dict[str, Any] | InvoiceData | str | bytes
"""An invoice: a dict, the pydantic model, or JSON text."""

CatalogRowInput: TypeAlias = dict[str, Any] | CatalogItem
"""A row of a catalog: a dict, or the pydantic model."""

Id: TypeAlias = UUID | str

Request: TypeAlias = tuple[Id, Document] | tuple[Id, Document, Id | None]
"""(user_id, invoice_data) or (user_id, invoice_data, invoice_id)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What all calls on one database share."""

    policy: Policy
    schema: str | None
    booking: Frame
    preview: Frame
    new_id: Callable[[str], UUID]
    now: Callable[[], datetime]
    rights: str = ""

    def on_trial(self) -> Settings:
        """Whatever is booked is undone."""
        return replace(self, booking=self.preview)

    @property
    def is_trial(self) -> bool:
        return self.booking is self.preview

    def maker(self, task: Task) -> Callable[[], Operation[Any]]:
        """What makes a task's operation. On a trial, the end of what is undone is its landing."""
        return (lambda: landed(task.make())) if self.is_trial else task.make

    def call(self, user_id: object, deadline: Deadline) -> Call:
        user = read_id(user_id, field="user_id")
        clock = time.perf_counter
        return Call(user, self.booking, self.policy, self.new_id, self.now(), clock, self.schema, deadline, self.rights)


@dataclass(frozen=True, slots=True)
class Task:
    """One call, ready for a runner: what makes its operation, and how long it may take."""

    make: Callable[[], Operation[Any]]
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Tasks:
    """Each call of a database as a task: what the two kinds of database have in common, which is all but waiting."""

    settings: Settings

    def process(self, user_id: Id, data: Document, invoice_id: Id | None, timeout: float | None) -> Task:
        deadline = Deadline.after(timeout)
        call = self.settings.call(user_id, deadline)
        document = document_of(data)
        invoice = read_invoice(user_id, document, invoice_id, policy=call.policy, today=call.now.date())
        return Task(lambda: ingest(invoice, call), deadline)

    def replace(self, user_id: Id, voiding: Voiding, data: Document, invoice_id: Id | None, timeout: float | None) -> Task:
        deadline = Deadline.after(timeout)
        call = self.settings.call(user_id, deadline)
        invoice = read_invoice(user_id, document_of(data), invoice_id, policy=call.policy, today=call.now.date())
        return Task(lambda: Replacing(voiding, invoice).replace(call), deadline)

    def find_vendor(self, user_id: Id, vendor_name: str, timeout: float | None) -> Task:
        return self.ask(user_id, timeout, lambda call: find_vendor(vendor_name, call))

    def unmerge_vendor(self, user_id: Id, vendor_id: Id, timeout: float | None) -> Task:
        return self.ask(user_id, timeout, VendorUnmerging(read_id(vendor_id, field="vendor_id")).unmerge)

    def mapping_case(self, user_id: Id, vendor_id: Id, item_key: str, pack_key: str, timeout: float | None) -> Task:
        key = MappingKey(read_id(vendor_id, field="vendor_id"), item_key, pack_key)
        return self.ask(user_id, timeout, key.fetch)

    def line_case(self, user_id: Id, invoice_id: Id, line_number: int, timeout: float | None) -> Task:
        found = read_id(invoice_id, field="invoice_id")
        return self.ask(user_id, timeout, lambda call: find_line_case(found, line_number, call))

    def retry_failed(self, user_id: Id, invoice_id: Id, timeout: float | None) -> Task:
        found = read_id(invoice_id, field="invoice_id")
        return self.ask(user_id, timeout, lambda call: retry_failed(found, call))

    def undismiss(self, user_id: Id, invoice_id: Id, line_number: int, timeout: float | None) -> Task:
        found = read_id(invoice_id, field="invoice_id")
        return self.ask(user_id, timeout, lambda call: undismiss(found, line_number, call))

    def get_invoice(self, user_id: Id, invoice_id: Id, timeout: float | None) -> Task:
        found = read_id(invoice_id, field="invoice_id")
        return self.ask(user_id, timeout, lambda call: reports.get_invoice(found, call))

    def item_prices(self, user_id: Id, item_id: Id, limit: int, timeout: float | None) -> Task:
        found = read_id(item_id, field="item_id")
        return self.ask(user_id, timeout, lambda call: reports.list_item_prices(found, call, limit=limit))

    def verify_page(self, user_id: Id, verification: Verification, place: Place, timeout: float | None) -> Task:
        return self.ask(user_id, timeout, lambda call: verification.verify_page(place, call))

    def explain(self, user_id: Id, item_id: Id, limit: int, after: ExplainedMovement | None, timeout: float | None) -> Task:
        page = MovementPage(read_id(item_id, field="item_id"), limit, after)
        return self.ask(user_id, timeout, page.explain)

    def set_conversions(self, user_id: Id, item_id: Id, conversions: Mapping[str, str], timeout: float | None) -> Task:
        found = read_id(item_id, field="item_id")
        return self.ask(user_id, timeout, lambda call: rules.set_conversions(found, conversions, call))

    def delete_tenant(self, user_id: Id, confirm: str, timeout: float | None) -> Task:
        if not self.settings.is_trial:
            require_confirmed(read_id(user_id, field="user_id"), confirm)
        return self.ask(user_id, timeout, delete_tenant)

    def rename_item(self, user_id: Id, item_id: Id, name: str, timeout: float | None) -> Task:
        found = read_id(item_id, field="item_id")
        return self.ask(user_id, timeout, lambda call: items.rename_item(found, name, call))

    def set_category(self, user_id: Id, item_id: Id, category: str | None, timeout: float | None) -> Task:
        found = read_id(item_id, field="item_id")
        return self.ask(user_id, timeout, lambda call: items.set_category(found, category, call))

    def set_base_unit(self, user_id: Id, item_id: Id, base_unit: str, timeout: float | None) -> Task:
        found = read_id(item_id, field="item_id")
        return self.ask(user_id, timeout, lambda call: items.set_base_unit(found, base_unit, call))

    def ask(self, user_id: Id, timeout: float | None, operation: Callable[[Call], Operation[Any]]) -> Task:
        deadline = Deadline.after(timeout)
        call = self.settings.call(user_id, deadline)
        return Task(lambda: operation(call), deadline)


def document_of(data: Document) -> Any:
    if isinstance(data, InvoiceData):
        return data.model_dump(exclude_none=True)
    return read_json(data) if isinstance(data, str | bytes) else data


def settings_of(
    policy: Policy | None, schema: str | None, booking: Frame, preview: Frame, rights: Collection[str] | None = ()
) -> Settings:
    """`rights`: None for those that the environment names. Raises ValueError for one that there is not."""
    named = [each.strip() for each in os.environ.get("INVOICEDB_RIGHTS", "").split(",")] if rights is None else rights
    chosen = sorted({each for each in named if each})
    for each in chosen:
        if each not in RIGHTS:
            raise ValueError(f"there is no right {each!r}: say {', '.join(sorted(RIGHTS))}")
    return Settings(policy or Policy(), schema, booking, preview, uuid7, lambda: datetime.now(UTC), ",".join(chosen))


def item_of(item_id: Id | None) -> UUID | None:
    return None if item_id is None else read_id(item_id, field="item_id")


def voiding_of(invoice_id: Id, reason: str | None = None, by: str | None = None) -> Voiding:
    return Voiding(read_id(invoice_id, field="invoice_id"), reason, by)


def importing_of(rows: Iterable[CatalogRowInput], vendor_name: str | None, by: str | None = None) -> Importing:
    if isinstance(rows, Mapping | str | bytes):
        raise InvalidCatalog(reason=f"rows are a list of objects, not a {type(rows).__name__}: read_catalog makes one")
    plain = [row.model_dump(exclude_none=True) if isinstance(row, CatalogItem) else row for row in rows]
    return Importing(plain, vendor_name, by)


def taking_back_of(item_id: Id, reason: str | None, by: str | None) -> TakingBack:
    return TakingBack(read_id(item_id, field="item_id"), reason, by)


def dismissing_of(invoice_id: Id, line_number: int, reason: str, by: str | None) -> Dismissing:
    return Dismissing(read_id(invoice_id, field="invoice_id"), line_number, reason, by)


def approval_of(case: ReviewCase, reason: str | None = None, by: str | None = None) -> Deciding:
    return Deciding(case, case.inventory_item_id, reason, by)


def reassignment_of(case: ReviewCase, to_item_id: Id, reason: str | None = None, by: str | None = None) -> Deciding:
    return Deciding(case, read_id(to_item_id, field="to_item_id"), reason, by)


def rejection_of(case: ReviewCase, reason: str | None = None, by: str | None = None) -> Deciding:
    return Deciding(case, None, reason, by)


def merging_of(item_id: Id, into_item_id: Id, reason: str | None = None, by: str | None = None) -> Merging:
    return Merging(read_id(item_id, field="item_id"), read_id(into_item_id, field="into_item_id"), reason, by)


def unmerging_of(item_id: Id, reason: str | None, by: str | None) -> Unmerging:
    return Unmerging(read_id(item_id, field="item_id"), reason, by)


def vendor_merging_of(vendor_id: Id, into_vendor_id: Id, reason: str | None = None, by: str | None = None) -> VendorMerging:
    return VendorMerging(read_id(vendor_id, field="vendor_id"), read_id(into_vendor_id, field="into_vendor_id"), reason, by)

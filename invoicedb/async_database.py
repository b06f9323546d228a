"""`AsyncDatabase`: as `Database`, awaiting. No logic lives here twice: each method hands the same task to the other runner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from types import TracebackType
from typing import Any

from psycopg_pool import AsyncConnectionPool

from invoicedb import migrate
from invoicedb.connections import AsyncPool, require_server
from invoicedb.errors import InvoiceRefused
from invoicedb.models import Abbreviation, MatchingPolicy
from invoicedb.operations import explain, reports, rules
from invoicedb.operations.purchases import PurchasePage, PurchasesBy
from invoicedb.operations.review import ReviewPage
from invoicedb.operations.valuation import ValuationPage
from invoicedb.operations.verify import START, Page, Place, Verification
from invoicedb.results import (
    CatalogResult,
    DecisionResult,
    Difference,
    DismissResult,
    ExplainedMovement,
    Explanation,
    InvoiceResult,
    InvoiceSummary,
    MergeResult,
    NamedVendor,
    PeriodLock,
    PricePoint,
    PurchaseTotal,
    RefusedInvoice,
    ReplaceResult,
    ReviewCase,
    StockLevel,
    StockValue,
    StoredInvoice,
    TakeBackResult,
    TenantDeletion,
    VendorMergeResult,
    VoidResult,
)
from invoicedb.run_async import AsyncConnections, AsyncRunner
from invoicedb.tasks import (
    CatalogRowInput,
    Document,
    Id,
    Request,
    Settings,
    Task,
    Tasks,
    approval_of,
    dismissing_of,
    importing_of,
    item_of,
    merging_of,
    reassignment_of,
    rejection_of,
    taking_back_of,
    unmerging_of,
    vendor_merging_of,
    voiding_of,
)


class AsyncCalls:
    """The same, awaiting: see `AsyncDatabase` and `on`."""

    def __init__(self, connections: AsyncConnections, settings: Settings) -> None:
        self._connections = connections
        self._settings = settings
        self._tasks = Tasks(settings)

    async def run(self, task: Task) -> Any:
        """What the services stand on: the task's result, from this database's connections."""
        return await AsyncRunner(self._connections, task.deadline).run(self._settings.maker(task))

    def trial(self) -> AsyncCalls:
        """As `Database.trial`."""
        return AsyncCalls(self._connections, self._settings.on_trial())

    @property
    def tasks(self) -> Tasks:
        """What the services stand on: each call as a task for `run`."""
        return self._tasks

    async def process_invoice(
        self, user_id: Id, invoice_data: Document, invoice_id: Id | None = None, *, timeout: float | None = None
    ) -> InvoiceResult:
        """Book an invoice in one transaction: one round trip when every line is known or it is a replay, else two.

        `timeout`: seconds for getting a connection, for each statement, and for starting again. Without an `invoice_id` one is
        derived from vendor and number. Safe to call again: the same content is answered, not booked twice.

        Raises InvoiceRefused (InvalidInvoice, UnreadableDocument, InvoiceConflict, DuplicateInvoice, InvoiceVoided) and
        DatabaseError; nothing is written then. A line that fails does not raise: it is in the result, with its `error_type`.
        """
        task = self._tasks.process(user_id, invoice_data, invoice_id, timeout)
        result: InvoiceResult = await self.run(task)
        return result

    async def preview(
        self, user_id: Id, invoice_data: Document, invoice_id: Id | None = None, *, timeout: float | None = None
    ) -> InvoiceResult:
        """What `process_invoice` would book, by the same flights, undone at their end. Nothing is written; raises as it does.

        The ids of new items are provisional.
        """
        return await self.trial().process_invoice(user_id, invoice_data, invoice_id, timeout=timeout)

    async def void(
        self, user_id: Id, invoice_id: Id, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> VoidResult:
        """As `Database.void`."""
        done: VoidResult = await self.run(self._tasks.ask(user_id, timeout, voiding_of(invoice_id, reason, by).void))
        return done

    async def replace(
        self,
        user_id: Id,
        invoice_id: Id,
        invoice_data: Document,
        new_invoice_id: Id | None = None,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> ReplaceResult:
        """As `Database.replace`."""
        voiding = voiding_of(invoice_id, reason, by)
        task = self._tasks.replace(user_id, voiding, invoice_data, new_invoice_id, timeout)
        done: ReplaceResult = await self.run(task)
        return done

    async def review_queue(
        self, user_id: Id, *, limit: int = 100, after: ReviewCase | None = None, timeout: float | None = None
    ) -> list[ReviewCase]:
        """As `Database.review_queue`."""
        found: list[ReviewCase] = await self.run(self._tasks.ask(user_id, timeout, ReviewPage(limit, after).fetch))
        return found

    async def find_mapping_case(
        self, user_id: Id, vendor_id: Id, item_key: str, pack_key: str, *, timeout: float | None = None
    ) -> ReviewCase:
        """As `Database.find_mapping_case`."""
        found: ReviewCase = await self.run(self._tasks.mapping_case(user_id, vendor_id, item_key, pack_key, timeout))
        return found

    async def find_line_case(
        self, user_id: Id, invoice_id: Id, line_number: int, *, timeout: float | None = None
    ) -> ReviewCase:
        """As `Database.find_line_case`."""
        found: ReviewCase = await self.run(self._tasks.line_case(user_id, invoice_id, line_number, timeout))
        return found

    async def approve(
        self, user_id: Id, case: ReviewCase, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> DecisionResult:
        """As `Database.approve`."""
        deciding = approval_of(case, reason, by)
        done: DecisionResult = await self.run(self._tasks.ask(user_id, timeout, deciding.decide))
        return done

    async def reassign(
        self,
        user_id: Id,
        case: ReviewCase,
        to_item_id: Id,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> DecisionResult:
        """As `Database.reassign`."""
        deciding = reassignment_of(case, to_item_id, reason, by)
        done: DecisionResult = await self.run(self._tasks.ask(user_id, timeout, deciding.decide))
        return done

    async def reject(
        self, user_id: Id, case: ReviewCase, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> DecisionResult:
        """As `Database.reject`."""
        deciding = rejection_of(case, reason, by)
        done: DecisionResult = await self.run(self._tasks.ask(user_id, timeout, deciding.decide))
        return done

    async def merge_item(
        self,
        user_id: Id,
        item_id: Id,
        into_item_id: Id,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> MergeResult:
        """As `Database.merge_item`."""
        merging = merging_of(item_id, into_item_id, reason, by)
        done: MergeResult = await self.run(self._tasks.ask(user_id, timeout, merging.merge))
        return done

    async def unmerge_item(
        self, user_id: Id, item_id: Id, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> MergeResult:
        """As `Database.unmerge_item`."""
        done: MergeResult = await self.run(self._tasks.ask(user_id, timeout, unmerging_of(item_id, reason, by).unmerge))
        return done

    async def find_vendor(self, user_id: Id, vendor_name: str, *, timeout: float | None = None) -> NamedVendor:
        """As `Database.find_vendor`."""
        found: NamedVendor = await self.run(self._tasks.find_vendor(user_id, vendor_name, timeout))
        return found

    async def merge_vendor(
        self,
        user_id: Id,
        vendor_id: Id,
        into_vendor_id: Id,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> VendorMergeResult:
        """As `Database.merge_vendor`."""
        merging = vendor_merging_of(vendor_id, into_vendor_id, reason, by)
        task = self._tasks.ask(user_id, timeout, merging.merge)
        done: VendorMergeResult = await self.run(task)
        return done

    async def unmerge_vendor(self, user_id: Id, vendor_id: Id, *, timeout: float | None = None) -> VendorMergeResult:
        """As `Database.unmerge_vendor`."""
        done: VendorMergeResult = await self.run(self._tasks.unmerge_vendor(user_id, vendor_id, timeout))
        return done

    async def retry_failed(self, user_id: Id, invoice_id: Id, *, timeout: float | None = None) -> InvoiceResult:
        """As `Database.retry_failed`."""
        result: InvoiceResult = await self.run(self._tasks.retry_failed(user_id, invoice_id, timeout))
        return result

    async def dismiss(
        self,
        user_id: Id,
        invoice_id: Id,
        line_number: int,
        *,
        reason: str,
        by: str | None = None,
        timeout: float | None = None,
    ) -> DismissResult:
        """Say that nobody will mend a failed line: it stays as it came, but counts as failed no longer. One round trip.

        An invoice whose other lines are booked is `success` then; one of which nothing is booked stays `failed`. `retry_failed`
        leaves the line alone; sending the invoice again with other content takes it up again, as `undismiss` does. Raises
        InvoiceNotFound, NotAnInvoice, InvoiceVoided and LineNotFailed; nothing is written then.
        """
        dismissing = dismissing_of(invoice_id, line_number, reason, by)
        done: DismissResult = await self.run(self._tasks.ask(user_id, timeout, dismissing.dismiss))
        return done

    async def undismiss(self, user_id: Id, invoice_id: Id, line_number: int, *, timeout: float | None = None) -> DismissResult:
        """Take a dismissed line up again: it counts as failed, as before. One round trip. Raises as `dismiss` does."""
        done: DismissResult = await self.run(self._tasks.undismiss(user_id, invoice_id, line_number, timeout))
        return done

    async def get_invoice(self, user_id: Id, invoice_id: Id, *, timeout: float | None = None) -> StoredInvoice:
        """A booked invoice and its lines as they stand now. Raises InvoiceNotFound."""
        found: StoredInvoice = await self.run(self._tasks.get_invoice(user_id, invoice_id, timeout))
        return found

    async def list_invoices(
        self,
        user_id: Id,
        *,
        vendor_name: str | None = None,
        status: str | None = None,
        since: date | None = None,
        until: date | None = None,
        limit: int = 100,
        after: InvoiceSummary | None = None,
        timeout: float | None = None,
    ) -> list[InvoiceSummary]:
        """Invoices by date, oldest first, at most `limit`; the next page comes `after` the last row of this one.

        `status`: success, partial_success or failed. `since`, `until`: both days included.
        """
        page = reports.InvoicePage(vendor_name, status, since, until, limit, after)
        found: list[InvoiceSummary] = await self.run(self._tasks.ask(user_id, timeout, page.fetch))
        return found

    async def stock(
        self, user_id: Id, *, limit: int = 1000, after: StockLevel | None = None, timeout: float | None = None
    ) -> list[StockLevel]:
        """Items by name with their stock, at most `limit`; the next page comes `after` the last row of this one."""
        found: list[StockLevel] = await self.run(self._tasks.ask(user_id, timeout, reports.StockPage(limit, after).fetch))
        return found

    async def prices(
        self,
        user_id: Id,
        *,
        vendor_name: str | None = None,
        item_id: Id | None = None,
        since: date | None = None,
        until: date | None = None,
        changed: bool = False,
        at_least: Decimal | None = None,
        limit: int = 1000,
        after: PricePoint | None = None,
        timeout: float | None = None,
    ) -> list[PricePoint]:
        """As `Database.prices`."""
        page = reports.PricePage(since, until, changed, limit, after, vendor_name, item_of(item_id), at_least)
        found: list[PricePoint] = await self.run(self._tasks.ask(user_id, timeout, page.fetch))
        return found

    async def valuation(
        self, user_id: Id, *, limit: int = 1000, after: StockValue | None = None, timeout: float | None = None
    ) -> list[StockValue]:
        """As `Database.valuation`."""
        found: list[StockValue] = await self.run(self._tasks.ask(user_id, timeout, ValuationPage(limit, after).fetch))
        return found

    async def purchases(
        self,
        user_id: Id,
        by: PurchasesBy = "vendor",
        *,
        monthly: bool = False,
        since: date | None = None,
        until: date | None = None,
        limit: int = 1000,
        after: PurchaseTotal | None = None,
        timeout: float | None = None,
    ) -> list[PurchaseTotal]:
        """As `Database.purchases`."""
        page = PurchasePage(by, monthly, since, until, limit, after)
        found: list[PurchaseTotal] = await self.run(self._tasks.ask(user_id, timeout, page.fetch))
        return found

    async def item_prices(
        self, user_id: Id, item_id: Id, *, limit: int = 100, timeout: float | None = None
    ) -> list[PricePoint]:
        """The latest `limit` price points of an item over all its vendors, latest first."""
        found: list[PricePoint] = await self.run(self._tasks.item_prices(user_id, item_id, limit, timeout))
        return found

    async def items_named(self, user_id: Id, text: str, *, limit: int = 100, timeout: float | None = None) -> list[StockLevel]:
        """As `Database.items_named`."""
        task = self._tasks.ask(user_id, timeout, partial(explain.find_levels, text, limit=limit))
        found: list[StockLevel] = await self.run(task)
        return found

    async def explain(
        self,
        user_id: Id,
        item_id: Id,
        *,
        limit: int = 100,
        after: ExplainedMovement | None = None,
        timeout: float | None = None,
    ) -> Explanation:
        """As `Database.explain`."""
        found: Explanation = await self.run(self._tasks.explain(user_id, item_id, limit, after, timeout))
        return found

    def verify(
        self, user_id: Id, *, repair: bool = False, batch: int = 1000, timeout: float | None = None
    ) -> AsyncIterator[Difference]:
        """As `Database.verify`."""
        return self._differences(user_id, Verification(batch, repair), timeout)

    async def _differences(self, user_id: Id, verification: Verification, timeout: float | None) -> AsyncIterator[Difference]:
        place: Place | None = START
        while place is not None:
            page: Page = await self.run(self._tasks.verify_page(user_id, verification, place, timeout))
            for difference in page.differences:
                yield difference
            place = page.next

    async def import_catalog(
        self,
        user_id: Id,
        rows: Iterable[CatalogRowInput],
        *,
        vendor_name: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> CatalogResult:
        """Take over an existing catalog with its opening stock, in one transaction and two round trips, however many rows.

        A row is a dict or a `CatalogItem`; `vendor_name`: whose item numbers they are where a row names none. An import adds
        what is missing and changes nothing that is there: importing again changes nothing, and a row that says otherwise than
        its item (`CatalogConflict`) fails alone, as one does that can't be read. A vendor's number that is given is `exact` on
        the next invoice. Opening stock is a movement of its own, once for an item; it is no purchase and no price.

        Raises InvalidCatalog and DatabaseError; nothing is written then.
        """
        importing = importing_of(rows, vendor_name, by)
        task = self._tasks.ask(user_id, timeout, importing.run)
        done: CatalogResult = await self.run(task)
        return done

    async def take_back_opening(
        self, user_id: Id, item_id: Id, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> TakeBackResult:
        """As `Database.take_back_opening`."""
        taking_back = taking_back_of(item_id, reason, by)
        done: TakeBackResult = await self.run(self._tasks.ask(user_id, timeout, taking_back.take_back))
        return done

    async def rename_item(self, user_id: Id, item_id: Id, name: str, *, timeout: float | None = None) -> StockLevel:
        """Give an item another name; the item as it stands then. Two round trips.

        Lines are matched to it by the new name, and by what vendors have called it so far; a row of a catalog by the new name,
        and by the old one where it adds nothing. Raises ItemNotFound and InvalidText.
        """
        renamed: StockLevel = await self.run(self._tasks.rename_item(user_id, item_id, name, timeout))
        return renamed

    async def set_category(self, user_id: Id, item_id: Id, category: str | None, *, timeout: float | None = None) -> StockLevel:
        """Give an item another category, or with None no one; the item as it stands then. Two round trips.

        What invoices say of their lines stays. Raises ItemNotFound and InvalidText.
        """
        changed: StockLevel = await self.run(self._tasks.set_category(user_id, item_id, category, timeout))
        return changed

    async def set_base_unit(self, user_id: Id, item_id: Id, base_unit: str, *, timeout: float | None = None) -> StockLevel:
        """Keep an item in another unit, while nothing is booked on it; the item as it stands then. Two round trips.

        What its vendors' packs hold is told in the new unit. Nothing that is booked is ever rewritten: raises BaseUnitFixed
        where anything is, or would have to be guessed, with what to do instead; ItemNotFound, and InvalidText for no unit.
        """
        changed: StockLevel = await self.run(self._tasks.set_base_unit(user_id, item_id, base_unit, timeout))
        return changed

    async def matching_policy(self, user_id: Id, *, timeout: float | None = None) -> MatchingPolicy:
        """As `Database.matching_policy`."""
        found: MatchingPolicy = await self.run(self._tasks.ask(user_id, timeout, rules.find_matching_policy))
        return found

    async def set_matching_policy(self, user_id: Id, policy: MatchingPolicy, *, timeout: float | None = None) -> MatchingPolicy:
        """As `Database.set_matching_policy`."""
        kept: MatchingPolicy = await self.run(self._tasks.ask(user_id, timeout, partial(rules.set_matching_policy, policy)))
        return kept

    async def period_lock(self, user_id: Id, *, timeout: float | None = None) -> PeriodLock | None:
        """As `Database.period_lock`."""
        found: PeriodLock | None = await self.run(self._tasks.ask(user_id, timeout, rules.find_period_lock))
        return found

    async def lock_period(
        self,
        user_id: Id,
        before: date | None,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> PeriodLock | None:
        """As `Database.lock_period`."""
        lock = None if before is None else PeriodLock(before, by, reason)
        kept: PeriodLock | None = await self.run(self._tasks.ask(user_id, timeout, partial(rules.lock_period, lock)))
        return kept

    async def abbreviations(self, user_id: Id, *, timeout: float | None = None) -> list[Abbreviation]:
        """As `Database.abbreviations`."""
        found: list[Abbreviation] = await self.run(self._tasks.ask(user_id, timeout, rules.list_abbreviations))
        return found

    async def set_abbreviation(
        self, user_id: Id, abbreviation: str, expansion: str, *, timeout: float | None = None
    ) -> Abbreviation:
        """As `Database.set_abbreviation`."""
        task = self._tasks.ask(user_id, timeout, partial(rules.set_abbreviation, abbreviation, expansion))
        kept: Abbreviation = await self.run(task)
        return kept

    async def remove_abbreviation(self, user_id: Id, abbreviation: str, *, timeout: float | None = None) -> bool:
        """As `Database.remove_abbreviation`."""
        found: bool = await self.run(self._tasks.ask(user_id, timeout, partial(rules.remove_abbreviation, abbreviation)))
        return found

    async def set_conversions(
        self, user_id: Id, item_id: Id, conversions: Mapping[str, str], *, timeout: float | None = None
    ) -> dict[str, str]:
        """As `Database.set_conversions`."""
        task = self._tasks.set_conversions(user_id, item_id, conversions, timeout)
        kept: dict[str, str] = await self.run(task)
        return kept

    async def delete_tenant(self, user_id: Id, *, confirm: str = "", timeout: float | None = None) -> TenantDeletion:
        """Delete all that is stored of a tenant, for ever, in one transaction and one round trip; how much it was.

        `confirm` is `delete ` and the user_id; raises NotConfirmed, which says so, for anything else; on trial nobody
        asks for it. No other tenant is touched. Stop sending first: an invoice that comes afterwards is a new tenant's first.
        """
        gone: TenantDeletion = await self.run(self._tasks.delete_tenant(user_id, confirm, timeout))
        return gone

    async def refresh_match_keys(self, user_id: Id, *, timeout: float | None = None) -> int:
        """As `Database.refresh_match_keys`."""
        count: int = await self.run(self._tasks.ask(user_id, timeout, rules.refresh_match_keys))
        return count


class AsyncDatabase(AsyncCalls):
    """A PostgreSQL database with invoicedb's tables, and a pool of connections to it.

    Made by `connect_async`; an asynchronous context manager. May be shared by tasks of one event loop.
    """

    def __init__(
        self, pool: AsyncConnectionPool[Any], settings: Settings, *, prepare: bool, owned: bool, conninfo: str | None
    ) -> None:
        super().__init__(AsyncPool(pool, prepare), settings)
        self._pool, self._owned, self._conninfo = pool, owned, conninfo

    async def migrate(self) -> None:
        """Make the tables, or bring them to this version; in one transaction, one process at a time. Safe to call again.

        Raises DatabaseUnreachable, and MigrationFailed where the server refuses it; nothing is changed then.
        """
        await asyncio.to_thread(migrate.migrate, self._conninfo, schema=self._settings.schema)

    async def process_invoices(
        self, requests: AsyncIterable[Request] | Iterable[Request], *, timeout: float | None = None
    ) -> AsyncIterator[InvoiceResult | RefusedInvoice]:
        """Book invoices one after the other, each in its own transaction: (user_id, invoice_data[, invoice_id]).

        Streams: takes a request when its result is asked for. A refused invoice does not end it: its result is a
        `RefusedInvoice`.
        Raises DatabaseError where the database is the reason. `timeout`: seconds for each invoice.
        """
        async for request in as_they_come(requests):
            try:
                yield await self.process_invoice(*request, timeout=timeout)
            except InvoiceRefused as error:
                yield RefusedInvoice(error, request[2] if len(request) > 2 else None)

    async def open(self) -> None:
        """Open the pool; `async with` does it. Raises DatabaseUnreachable."""
        if self._owned and self._conninfo is not None:
            await asyncio.to_thread(require_server, self._conninfo)
            await self._pool.open()

    async def close(self) -> None:
        """Close the pool. One that was handed over stays open."""
        if self._owned:
            await self._pool.close()

    async def __aenter__(self) -> AsyncDatabase:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def as_they_come(requests: AsyncIterable[Request] | Iterable[Request]) -> AsyncIterator[Request]:
    """Those of a stream, or of what is there already, such as a list."""
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield request
    else:
        for request in requests:
            yield request

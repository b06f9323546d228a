"""`Database`: connections in, one operation a method, handed to a runner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from types import TracebackType
from typing import Any

from psycopg_pool import ConnectionPool

from invoicedb import migrate
from invoicedb.connections import Pool
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
from invoicedb.run_sync import Connections, Runner
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


class Calls:
    """What can be asked of a database, in whichever transaction: see `Database` and `on`."""

    def __init__(self, connections: Connections, settings: Settings) -> None:
        self._connections = connections
        self._settings = settings
        self._tasks = Tasks(settings)

    def run(self, task: Task) -> Any:
        """What the services stand on: the task's result, from this database's connections."""
        return Runner(self._connections, task.deadline).run(self._settings.maker(task))

    def trial(self) -> Calls:
        """The same calls, each undone at its end: the result says what it would do, nothing is written. Raises as they do.

        Each call stands for itself: what an earlier one would have done is not there for a later one.
        """
        return Calls(self._connections, self._settings.on_trial())

    @property
    def tasks(self) -> Tasks:
        """What the services stand on: each call as a task for `run`."""
        return self._tasks

    def process_invoice(
        self, user_id: Id, invoice_data: Document, invoice_id: Id | None = None, *, timeout: float | None = None
    ) -> InvoiceResult:
        """Book an invoice in one transaction: one round trip when every line is known or it is a replay, else two.

        `timeout`: seconds for getting a connection, for each statement, and for starting again. Without an `invoice_id` one is
        derived from vendor and number. Safe to call again: the same content is answered, not booked twice.

        Raises InvoiceRefused (InvalidInvoice, UnreadableDocument, InvoiceConflict, DuplicateInvoice, InvoiceVoided) and
        DatabaseError; nothing is written then. A line that fails does not raise: it is in the result, with its `error_type`.
        """
        task = self._tasks.process(user_id, invoice_data, invoice_id, timeout)
        result: InvoiceResult = self.run(task)
        return result

    def preview(
        self, user_id: Id, invoice_data: Document, invoice_id: Id | None = None, *, timeout: float | None = None
    ) -> InvoiceResult:
        """What `process_invoice` would book, by the same flights, undone at their end. Nothing is written; raises as it does.

        The ids of new items are provisional.
        """
        return self.trial().process_invoice(user_id, invoice_data, invoice_id, timeout=timeout)

    def void(
        self, user_id: Id, invoice_id: Id, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> VoidResult:
        """Take an invoice back in one transaction and one round trip.

        Stock, price chains and last purchases are as if it had never been. The document stays, with a void beside it that says
        why and who; its number may be used again. Voiding again answers what was done. Raises InvoiceNotFound and
        NotAnInvoice; nothing is written then.
        """
        done: VoidResult = self.run(self._tasks.ask(user_id, timeout, voiding_of(invoice_id, reason, by).void))
        return done

    def replace(
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
        """Void an invoice and book another in its place, in one transaction: one round trip when its lines are known, else two.

        One more where the new one's number was voided before. Replacing again with the same content changes nothing, in two.
        Raises what `void` and `process_invoice` raise; nothing is written then.
        """
        voiding = voiding_of(invoice_id, reason, by)
        task = self._tasks.replace(user_id, voiding, invoice_data, new_invoice_id, timeout)
        done: ReplaceResult = self.run(task)
        return done

    def review_queue(
        self, user_id: Id, *, limit: int = 100, after: ReviewCase | None = None, timeout: float | None = None
    ) -> list[ReviewCase]:
        """What waits for a person, oldest first, at most `limit`; the next page comes `after` the last case of this one.

        Matches that are likely but not sure, and known items that came under a description that does not fit.
        """
        found: list[ReviewCase] = self.run(self._tasks.ask(user_id, timeout, ReviewPage(limit, after).fetch))
        return found

    def find_mapping_case(
        self, user_id: Id, vendor_id: Id, item_key: str, pack_key: str, *, timeout: float | None = None
    ) -> ReviewCase:
        """The case of one mapping, decided or not: every decision can be taken back by another one. Raises MappingNotFound."""
        found: ReviewCase = self.run(self._tasks.mapping_case(user_id, vendor_id, item_key, pack_key, timeout))
        return found

    def find_line_case(self, user_id: Id, invoice_id: Id, line_number: int, *, timeout: float | None = None) -> ReviewCase:
        """The case of the mapping that an invoice's line was booked by. Two round trips. Raises LineNotBooked."""
        found: ReviewCase = self.run(self._tasks.line_case(user_id, invoice_id, line_number, timeout))
        return found

    def approve(
        self, user_id: Id, case: ReviewCase, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> DecisionResult:
        """Say that the match is right, as are the descriptions that wait: from now on such a line is `exact`. Two round trips.

        `case` is what the person saw who says so. Deciding again what is decided so already changes nothing. Raises
        DecisionConflict where somebody else was first, with what they decided; nothing is written then.
        """
        deciding = approval_of(case, reason, by)
        done: DecisionResult = self.run(self._tasks.ask(user_id, timeout, deciding.decide))
        return done

    def reassign(
        self,
        user_id: Id,
        case: ReviewCase,
        to_item_id: Id,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> DecisionResult:
        """Say that it is another item, decided before or not. Two round trips, whatever was booked by it.

        Every booked line of the mapping moves, in one transaction: stock, price chains and last purchases of both items are as
        if it had been that item from the start, and what one pack holds is converted again. A correction with reversal rows
        says why and who. Raises as `approve` does, ItemNotFound, ItemMerged, and a LineError (UnitMismatch) where the pack
        can't be told in the item's unit; nothing is written then.
        """
        deciding = reassignment_of(case, to_item_id, reason, by)
        done: DecisionResult = self.run(self._tasks.ask(user_id, timeout, deciding.decide))
        return done

    def reject(
        self, user_id: Id, case: ReviewCase, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> DecisionResult:
        """Say that it is none of the items there are: a new one is made, named by the description. All else is as `reassign`.

        The new item is that of the returned case. Raises as `approve` does.
        """
        deciding = rejection_of(case, reason, by)
        done: DecisionResult = self.run(self._tasks.ask(user_id, timeout, deciding.decide))
        return done

    def merge_item(
        self,
        user_id: Id,
        item_id: Id,
        into_item_id: Id,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> MergeResult:
        """Say that an item is another one: from now on there is one of them. Two round trips, whatever was booked.

        All that is mapped to `item_id`, of every vendor, is mapped to `into_item_id`, and every booked line moves, in one
        transaction: stock, price chains and last purchases are as if it had been that item from the start. Units are converted
        exactly, by the other item's conversions, else by this one's. The item keeps its id for `explain`, and is in no list any
        more. A correction with reversal rows says why and who. Merging again what is merged so changes nothing.

        Raises ItemNotFound, SameItem, ItemMerged where one of them is merged already, UnitMismatch; then nothing is written.
        """
        merging = merging_of(item_id, into_item_id, reason, by)
        done: MergeResult = self.run(self._tasks.ask(user_id, timeout, merging.merge))
        return done

    def unmerge_item(
        self, user_id: Id, item_id: Id, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> MergeResult:
        """Say that a merged item is another one after all. Two round trips.

        Exactly what came by that merge goes back, with what its packs held, and what was booked by it since; a mapping that a
        person has given to another item meanwhile stays there. Raises ItemNotFound, ItemNotMerged, and ItemMerged where the
        item that it was merged into was itself merged: un-merge that one first. Nothing is written then.
        """
        done: MergeResult = self.run(self._tasks.ask(user_id, timeout, unmerging_of(item_id, reason, by).unmerge))
        return done

    def find_vendor(self, user_id: Id, vendor_name: str, *, timeout: float | None = None) -> NamedVendor:
        """The vendor of this name, as an invoice has it, and the one that it was merged into. One round trip.

        Makes none, unlike `VendorService.create_or_get_vendor`. Raises NoVendorNamed; InvalidInvoice for what is no name.
        """
        found: NamedVendor = self.run(self._tasks.find_vendor(user_id, vendor_name, timeout))
        return found

    def merge_vendor(
        self,
        user_id: Id,
        vendor_id: Id,
        into_vendor_id: Id,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> VendorMergeResult:
        """Say that a vendor is another one: from now on there is one of them, with two names. Two round trips.

        All that is mapped and booked to `vendor_id` is `into_vendor_id`'s, in one transaction: duplicates, price chains and
        last purchases are as if it had been that vendor from the start. Chains are interleaved by date; on one date, what was
        the other's comes first. What is booked or asked by either name from then on is the one vendor's. Mappings that both
        have are united. Merging again what is merged so changes nothing.

        Raises VendorNotFound, SameVendor, VendorMerged where one of them is merged already, VendorsCollide, which lists the
        numbers that both have booked and what they call alike and is not, and PeriodLocked where a document that would go over
        is of a locked period; then nothing is written.
        """
        merging = vendor_merging_of(vendor_id, into_vendor_id, reason, by)
        task = self._tasks.ask(user_id, timeout, merging.merge)
        done: VendorMergeResult = self.run(task)
        return done

    def unmerge_vendor(self, user_id: Id, vendor_id: Id, *, timeout: float | None = None) -> VendorMergeResult:
        """Say that a merged vendor is another one after all. Two round trips.

        Exactly what came by that merge goes back, and what was booked under the vendor's name since. United mappings come
        apart as they were, unless somebody has decided otherwise since: that holds for both. Raises VendorNotFound,
        VendorNotMerged, VendorMerged where the vendor that it was merged into was itself merged: un-merge that one first, and
        PeriodLocked as `merge_vendor` does. Nothing is written then.
        """
        done: VendorMergeResult = self.run(self._tasks.unmerge_vendor(user_id, vendor_id, timeout))
        return done

    def retry_failed(self, user_id: Id, invoice_id: Id, *, timeout: float | None = None) -> InvoiceResult:
        """Plan and book the failed lines of an invoice again, as they were sent: after their cause is mended elsewhere.

        An item got a conversion, a policy has changed, a mapping was made. The other lines are not touched, and in the price
        chain each line takes its own place. Three round trips; one where no line had failed: that is a replay. Raises
        InvoiceNotFound, NotAnInvoice and InvoiceVoided.
        """
        result: InvoiceResult = self.run(self._tasks.retry_failed(user_id, invoice_id, timeout))
        return result

    def dismiss(
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
        InvoiceNotFound, NotAnInvoice, InvoiceVoided, LineNotFailed and PeriodLocked; nothing is written then.
        """
        dismissing = dismissing_of(invoice_id, line_number, reason, by)
        done: DismissResult = self.run(self._tasks.ask(user_id, timeout, dismissing.dismiss))
        return done

    def undismiss(self, user_id: Id, invoice_id: Id, line_number: int, *, timeout: float | None = None) -> DismissResult:
        """Take a dismissed line up again: it counts as failed, as before. One round trip. Raises as `dismiss` does."""
        done: DismissResult = self.run(self._tasks.undismiss(user_id, invoice_id, line_number, timeout))
        return done

    def get_invoice(self, user_id: Id, invoice_id: Id, *, timeout: float | None = None) -> StoredInvoice:
        """A booked invoice and its lines as they stand now. Raises InvoiceNotFound."""
        found: StoredInvoice = self.run(self._tasks.get_invoice(user_id, invoice_id, timeout))
        return found

    def list_invoices(
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

        `status`: success, partial_success or failed. `since`, `until`: both days included. Raises ValueError for what is none
        of them.
        """
        page = reports.InvoicePage(vendor_name, status, since, until, limit, after)
        found: list[InvoiceSummary] = self.run(self._tasks.ask(user_id, timeout, page.fetch))
        return found

    def stock(
        self, user_id: Id, *, limit: int = 1000, after: StockLevel | None = None, timeout: float | None = None
    ) -> list[StockLevel]:
        """Items by name with their stock, at most `limit`; the next page comes `after` the last row of this one."""
        found: list[StockLevel] = self.run(self._tasks.ask(user_id, timeout, reports.StockPage(limit, after).fetch))
        return found

    def prices(
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
        """Price points by date, oldest first, at most `limit`; `changed`: only those that differ from the price before.

        `at_least`: only those that rose or fell by so many percent or more; a first price, and one after a price of 0, has no
        percentage and is left out. `since`, `until`: both days included. The next page comes `after` the last row of this one,
        asked with the same filters; one that is not full is the last. Raises ValueError for an `at_least` below 0.
        """
        page = reports.PricePage(since, until, changed, limit, after, vendor_name, item_of(item_id), at_least)
        found: list[PricePoint] = self.run(self._tasks.ask(user_id, timeout, page.fetch))
        return found

    def valuation(
        self, user_id: Id, *, limit: int = 1000, after: StockValue | None = None, timeout: float | None = None
    ) -> list[StockValue]:
        """Items by name with what their stock is worth, at the last price and at the average cost; at most `limit`.

        The average is that of all that was ever bought: the money of every purchase, less returns and reversals, by their
        quantity. It is no moving average: it does not depend on the order of bookings, a back-dated invoice or a void counts as
        if it had always been so, and what is used up changes the stock, not the average. There is none where less was bought
        than returned. Money of two currencies is never added: an item that was bought in several, or partly in none, has no
        average, and `currencies` says which they are.

        One statement, which reads all movements of the page's items; the next page comes `after` the last row of this one.
        """
        found: list[StockValue] = self.run(self._tasks.ask(user_id, timeout, ValuationPage(limit, after).fetch))
        return found

    def purchases(
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
        """What was bought: money, documents and lines by vendor, category or item, in each currency; by name, at most `limit`.

        `by`: "vendor" (everything on its invoices, also freight, deposits, discounts and tax), "category" or "item" (the lines
        of items alone; the category is the item's own, as it stands now, None where it has none). `monthly`: each month by
        itself. `since`, `until`: both days included. Only what stands and was booked counts: no voided document, no failed
        line; what came back counts with its sign.

        A page adds up the whole period, by the invoices' dates: one look-up for each of its invoices, by item or category one
        more for each line. The next page comes `after` the last row of this one. Raises ValueError for another `by`.
        """
        page = PurchasePage(by, monthly, since, until, limit, after)
        found: list[PurchaseTotal] = self.run(self._tasks.ask(user_id, timeout, page.fetch))
        return found

    def item_prices(self, user_id: Id, item_id: Id, *, limit: int = 100, timeout: float | None = None) -> list[PricePoint]:
        """The latest `limit` price points of an item over all its vendors, latest first."""
        found: list[PricePoint] = self.run(self._tasks.item_prices(user_id, item_id, limit, timeout))
        return found

    def items_named(self, user_id: Id, text: str, *, limit: int = 100, timeout: float | None = None) -> list[StockLevel]:
        """Items with `text` in their name, in any case, by name; at most `limit`."""
        found: list[StockLevel] = self.run(self._tasks.ask(user_id, timeout, partial(explain.find_levels, text, limit=limit)))
        return found

    def explain(
        self,
        user_id: Id,
        item_id: Id,
        *,
        limit: int = 100,
        after: ExplainedMovement | None = None,
        timeout: float | None = None,
    ) -> Explanation:
        """An item's stock and last purchase, and at most `limit` movements behind them, newest first.

        Each with its document, invoice line, price and how the line was matched; the next page comes `after` the last of this
        one. Of a merged item, what it was merged into. One round trip. Raises ItemNotFound.
        """
        found: Explanation = self.run(self._tasks.explain(user_id, item_id, limit, after, timeout))
        return found

    def verify(
        self, user_id: Id, *, repair: bool = False, batch: int = 1000, timeout: float | None = None
    ) -> Iterator[Difference]:
        """Compare what is derived with what it is derived from; what differs, as it is found.

        Lines with movements, prices and totals, then stock, last purchases and price chains. `batch` invoices or items at a
        time, each page in one round trip; bookings may go on meanwhile and are no differences.

        `repair`: mend each page in a transaction of its own, under the booking's locks; `repaired` says what was. Movements
        and prices are mended where their line says all of it; strays, reversals and what a correction booked are only named.
        `timeout`: seconds for each page. Raises ValueError for a `batch` that is no number of rows.
        """
        return self._differences(user_id, Verification(batch, repair), timeout)

    def _differences(self, user_id: Id, verification: Verification, timeout: float | None) -> Iterator[Difference]:
        place: Place | None = START
        while place is not None:
            page: Page = self.run(self._tasks.verify_page(user_id, verification, place, timeout))
            yield from page.differences
            place = page.next

    def import_catalog(
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
        done: CatalogResult = self.run(task)
        return done

    def take_back_opening(
        self, user_id: Id, item_id: Id, *, reason: str | None = None, by: str | None = None, timeout: float | None = None
    ) -> TakeBackResult:
        """Take an item's opening stock back in one transaction and one round trip: it was wrong.

        Stock is as if the item had never been opened, and another import may open it again, with the right quantity. What
        stands of items that were merged into it is taken back with it. The opening stays, with a correction beside it that says
        why and who. Taking it back again answers what was done. Raises ItemNotFound, ItemMerged where the item is another one
        now, and ItemNotOpened; nothing is written then.
        """
        taking_back = taking_back_of(item_id, reason, by)
        done: TakeBackResult = self.run(self._tasks.ask(user_id, timeout, taking_back.take_back))
        return done

    def rename_item(self, user_id: Id, item_id: Id, name: str, *, timeout: float | None = None) -> StockLevel:
        """Give an item another name; the item as it stands then. Two round trips.

        Lines are matched to it by the new name, and by what vendors have called it so far; a row of a catalog by the new name,
        and by the old one where it adds nothing. Raises ItemNotFound and InvalidText.
        """
        renamed: StockLevel = self.run(self._tasks.rename_item(user_id, item_id, name, timeout))
        return renamed

    def set_category(self, user_id: Id, item_id: Id, category: str | None, *, timeout: float | None = None) -> StockLevel:
        """Give an item another category, or with None no one; the item as it stands then. Two round trips.

        What invoices say of their lines stays. Raises ItemNotFound and InvalidText.
        """
        changed: StockLevel = self.run(self._tasks.set_category(user_id, item_id, category, timeout))
        return changed

    def set_base_unit(self, user_id: Id, item_id: Id, base_unit: str, *, timeout: float | None = None) -> StockLevel:
        """Keep an item in another unit, while nothing is booked on it; the item as it stands then. Two round trips.

        What its vendors' packs hold is told in the new unit. Nothing that is booked is ever rewritten: raises BaseUnitFixed
        where anything is, or would have to be guessed, with what to do instead; ItemNotFound, and InvalidText for no unit.
        """
        changed: StockLevel = self.run(self._tasks.set_base_unit(user_id, item_id, base_unit, timeout))
        return changed

    def matching_policy(self, user_id: Id, *, timeout: float | None = None) -> MatchingPolicy:
        """What this user has decided about matching; the defaults where nothing was."""
        found: MatchingPolicy = self.run(self._tasks.ask(user_id, timeout, rules.find_matching_policy))
        return found

    def set_matching_policy(self, user_id: Id, policy: MatchingPolicy, *, timeout: float | None = None) -> MatchingPolicy:
        """Decide about matching, for every invoice of this user that is planned from now on.

        Raises InvalidRule for bars that are none.
        """
        kept: MatchingPolicy = self.run(self._tasks.ask(user_id, timeout, partial(rules.set_matching_policy, policy)))
        return kept

    def period_lock(self, user_id: Id, *, timeout: float | None = None) -> PeriodLock | None:
        """The day before which nothing of this user is booked or changed; None where nothing is locked."""
        found: PeriodLock | None = self.run(self._tasks.ask(user_id, timeout, rules.find_period_lock))
        return found

    def lock_period(
        self,
        user_id: Id,
        before: date | None,
        *,
        reason: str | None = None,
        by: str | None = None,
        timeout: float | None = None,
    ) -> PeriodLock | None:
        """Close what is dated before a day; None opens all again. A booking that is on its way may land yet.

        Whatever would book or change something of an earlier date raises PeriodLocked from then on: invoices, credit memos,
        voids, decisions that move booked lines, merges of items and of vendors, dismissals, opening stock. Who has connected
        with the right override_period_lock may all the same. Raises InvalidRule for what is no date.
        """
        lock = None if before is None else PeriodLock(before, by, reason)
        kept: PeriodLock | None = self.run(self._tasks.ask(user_id, timeout, partial(rules.lock_period, lock)))
        return kept

    def abbreviations(self, user_id: Id, *, timeout: float | None = None) -> list[Abbreviation]:
        """This user's own abbreviations, in the order of the alphabet. The built-in ones are not among them."""
        found: list[Abbreviation] = self.run(self._tasks.ask(user_id, timeout, rules.list_abbreviations))
        return found

    def set_abbreviation(self, user_id: Id, abbreviation: str, expansion: str, *, timeout: float | None = None) -> Abbreviation:
        """Say what this user's vendors write short: KIDS for CHILDRENS. It goes before the built-in ones.

        It counts for every description that is compared from now on; what is mapped already stays so. Takes a flight, and two
        more for each 2,000 items. Raises InvalidAbbreviation.
        """
        task = self._tasks.ask(user_id, timeout, partial(rules.set_abbreviation, abbreviation, expansion))
        kept: Abbreviation = self.run(task)
        return kept

    def remove_abbreviation(self, user_id: Id, abbreviation: str, *, timeout: float | None = None) -> bool:
        """Forget one of this user's own abbreviations; whether there was one. What is mapped already stays so."""
        found: bool = self.run(self._tasks.ask(user_id, timeout, partial(rules.remove_abbreviation, abbreviation)))
        return found

    def set_conversions(
        self, user_id: Id, item_id: Id, conversions: Mapping[str, str], *, timeout: float | None = None
    ) -> dict[str, str]:
        """Say what an item's units are in others: {"each": "150 g"}, {"1 l": "0.92 kg"}. Replaces what was said before.

        From then on lines in those units are booked to it, by these; what is booked stays. Returned is how
        it is kept: how many of the item's base unit 1 g, 1 ml or 1 each of it is, a decimal or a fraction a/b. Raises
        ItemNotFound, and InvalidConversion for what is none.
        """
        task = self._tasks.set_conversions(user_id, item_id, conversions, timeout)
        kept: dict[str, str] = self.run(task)
        return kept

    def delete_tenant(self, user_id: Id, *, confirm: str = "", timeout: float | None = None) -> TenantDeletion:
        """Delete all that is stored of a tenant, for ever, in one transaction and one round trip; how much it was.

        `confirm` is `delete ` and the user_id; raises NotConfirmed, which says so, for anything else; on trial nobody
        asks for it. No other tenant is touched. Stop sending first: an invoice that comes afterwards is a new tenant's first.
        """
        gone: TenantDeletion = self.run(self._tasks.delete_tenant(user_id, confirm, timeout))
        return gone

    def refresh_match_keys(self, user_id: Id, *, timeout: float | None = None) -> int:
        """Add the keys that this version of invoicedb finds this user's items by; how many items were read.

        For use after an upgrade whose changelog says that names are read in another way. Safe beside bookings, and to repeat.
        """
        count: int = self.run(self._tasks.ask(user_id, timeout, rules.refresh_match_keys))
        return count


class Database(Calls):
    """A PostgreSQL database with invoicedb's tables, and a pool of connections to it.

    Made by `connect`; also a context manager. May be shared by threads.
    """

    def __init__(
        self, pool: ConnectionPool[Any], settings: Settings, *, prepare: bool, owned: bool, conninfo: str | None
    ) -> None:
        super().__init__(Pool(pool, prepare), settings)
        self._pool, self._owned, self._conninfo = pool, owned, conninfo

    def migrate(self) -> None:
        """Make the tables, or bring them to this version; in one transaction, one process at a time. Safe to call again.

        Raises DatabaseUnreachable, and MigrationFailed where the server refuses it; nothing is changed then.
        """
        migrate.migrate(self._conninfo, schema=self._settings.schema)

    def process_invoices(
        self, requests: Iterable[Request], *, timeout: float | None = None
    ) -> Iterator[InvoiceResult | RefusedInvoice]:
        """Book invoices one after the other, each in its own transaction: (user_id, invoice_data[, invoice_id]).

        Streams: takes a request when its result is asked for. A refused invoice does not end it: its result is a
        `RefusedInvoice`.
        Raises DatabaseError where the database is the reason. `timeout`: seconds for each invoice.
        """
        for request in requests:
            try:
                yield self.process_invoice(*request, timeout=timeout)
            except InvoiceRefused as error:
                yield RefusedInvoice(error, request[2] if len(request) > 2 else None)

    def close(self) -> None:
        """Close the pool. One that was handed over stays open."""
        if self._owned:
            self._pool.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

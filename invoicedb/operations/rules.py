"""What a tenant decides about matching: its policy, its abbreviations, what units its items can be told in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from invoicedb.domain.dictionary import EMPTY, Dictionary, dictionary_of, read_entry
from invoicedb.domain.match_keys import alias_keys
from invoicedb.domain.numbers import plain
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.domain.stated_sizes import capitals
from invoicedb.domain.units import read_conversions
from invoicedb.errors import InvalidConversion, InvalidRule, ItemNotFound, LineError
from invoicedb.flights import Operation, Statement, flight
from invoicedb.models import Abbreviation, MatchingPolicy
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.operations.ingest.book import ADD_MATCH_KEYS, LOCK_CATALOG
from invoicedb.operations.ingest.look_up import packed
from invoicedb.operations.ingest.packs import held_in
from invoicedb.results import PeriodLock
from invoicedb.sql import SQL

PAGE = 2_000
"""Items whose names are read at once."""

NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Described:
    """An item and what it is called: its name, and in capitals the descriptions that are mapped to it."""

    id: UUID
    name: str
    descriptions: list[str]


@dataclass(frozen=True, slots=True)
class Version:
    """The catalog's."""

    version: int


@dataclass(frozen=True, slots=True)
class PackOfItem:
    """A pack that an item is mapped in, and what it holds by the mapping."""

    vendor_id: UUID
    item_key: str
    pack_key: str
    pack_size: str | None
    base_quantity: Decimal

    def holding(self, base_quantity: Decimal) -> dict[str, str]:
        key = {"vendor_id": str(self.vendor_id), "item_key": self.item_key, "pack_key": self.pack_key}
        return {**key, "base_quantity": plain(base_quantity)}


@dataclass(frozen=True, slots=True)
class ItemUnits:
    """An item, and the units that it is told in."""

    id: UUID
    name: str
    base_unit: str
    conversions: Mapping[str, str]


FIND_MATCHING_POLICY = Statement("find_matching_policy", SQL["find_matching_policy"], MatchingPolicy)
SET_MATCHING_POLICY = silent("set_matching_policy")
FIND_PERIOD_LOCK = Statement("find_period_lock", SQL["find_period_lock"], PeriodLock)
LOCK_PERIOD = silent("lock_period")
LIST_ABBREVIATIONS = Statement("list_abbreviations", SQL["list_abbreviations"], Abbreviation)
RAISE_CATALOG = silent("raise_catalog")
SET_ABBREVIATION = silent("set_abbreviation")
REMOVE_ABBREVIATION = Statement("remove_abbreviation", SQL["remove_abbreviation"], Abbreviation)
LIST_DESCRIPTIONS = Statement("list_descriptions", SQL["list_descriptions"], Described)


FIND_CATALOG = Statement("find_catalog", SQL["find_catalog"], Version)
FIND_ITEM = Statement("find_item", SQL["find_item"], ItemUnits)
SET_CONVERSIONS = silent("set_conversions")
LIST_PACKS = Statement("list_packs", SQL["list_packs"], PackOfItem)
SET_PACK_QUANTITIES = silent("set_pack_quantities")
RETELL_PACKS = silent("move_mappings")
"""Where they are, but for what a pack holds."""


# ---- the policy --------------------------------------------------------------------------------------------------------------


def find_matching_policy(call: Call) -> Operation[MatchingPolicy]:
    landing = yield call.opened() + flight(FIND_MATCHING_POLICY, *call.frame.leave, user_id=call.user_id)
    return next(iter(landing.rows(FIND_MATCHING_POLICY)), MatchingPolicy())


def set_matching_policy(policy: MatchingPolicy, call: Call) -> Operation[MatchingPolicy]:
    """One flight. Raises InvalidRule for bars that are none."""
    params = checked(policy, call)
    yield call.opened() + flight(*call.frame.begin, SET_MATCHING_POLICY, *call.frame.end, **params)
    return policy


def checked(policy: MatchingPolicy, call: Call) -> dict[str, object]:
    if not isinstance(policy, MatchingPolicy):
        raise InvalidRule(reason=f"a policy is a MatchingPolicy, not {type(policy).__name__}")
    flags = {"never_create": policy.never_create, "review_everything": policy.review_everything}
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise InvalidRule(reason=f"{name} is True or False, not {flag!r}")
    bars = {"fuzzy_auto": policy.fuzzy_auto, "fuzzy_review": policy.fuzzy_review}
    for name, bar in bars.items():
        if bar is not None and not (isinstance(bar, Decimal) and bar.is_finite() and 0 <= bar <= 1):
            raise InvalidRule(reason=f"{name} is a Decimal from 0 to 1, or None for the database's own, not {bar!r}")
    automatic = call.policy.fuzzy_auto if policy.fuzzy_auto is None else policy.fuzzy_auto
    review = call.policy.fuzzy_review if policy.fuzzy_review is None else policy.fuzzy_review
    if review > automatic:
        raise InvalidRule(
            reason=f"fuzzy_review, {review}, is above fuzzy_auto, {automatic}: what is sure enough to book needs no look"
        )
    return {"user_id": call.user_id, **bars, **flags}


# ---- the period that is closed -----------------------------------------------------------------------------------------------


def find_period_lock(call: Call) -> Operation[PeriodLock | None]:
    landing = yield call.opened() + flight(FIND_PERIOD_LOCK, *call.frame.leave, user_id=call.user_id)
    return next(iter(landing.rows(FIND_PERIOD_LOCK)), None)


def lock_period(lock: PeriodLock | None, call: Call) -> Operation[PeriodLock | None]:
    """One flight. None lifts it. Raises InvalidRule for what is no date."""
    before = None if lock is None else lock.before
    if before is not None and (not isinstance(before, date) or isinstance(before, datetime)):
        raise InvalidRule(reason=f"a period is locked before a date, not {before!r}")
    said = {"made_by": None, "reason": None} if lock is None else {"made_by": lock.made_by, "reason": lock.reason}
    params = {"user_id": call.user_id, "locked_before": before, **said}
    yield call.opened() + flight(*call.frame.begin, LOCK_PERIOD, *call.frame.end, **params)
    return lock


# ---- abbreviations -----------------------------------------------------------------------------------------------------------


def list_abbreviations(call: Call) -> Operation[list[Abbreviation]]:
    landing = yield call.opened() + flight(LIST_ABBREVIATIONS, *call.frame.leave, user_id=call.user_id)
    return landing.rows(LIST_ABBREVIATIONS)


def set_abbreviation(abbreviation: str, expansion: str, call: Call) -> Operation[Abbreviation]:
    """One flight, then two for every 2,000 items: from the first on it counts, then known items are found by it, too."""
    short, long = read_entry(abbreviation, expansion)
    params = {"user_id": call.user_id, "abbreviation": short, "expansion": long}
    statements = (RAISE_CATALOG, SET_ABBREVIATION)
    yield call.opened() + flight(*call.frame.begin, *statements, *call.frame.end, **params)
    dictionary = dictionary_of(((short, long),))
    yield from add_keys(lambda item: keys_of(item, dictionary) - keys_of(item, EMPTY), call)
    return Abbreviation(short, long)


def remove_abbreviation(abbreviation: str, call: Call) -> Operation[bool]:
    """Whether there was one. Items stay candidates by what it said, but it makes no match any more. One flight."""
    params = {"user_id": call.user_id, "abbreviation": " ".join(capitals(str(abbreviation)).split())}
    landing = yield call.opened() + flight(*call.frame.begin, RAISE_CATALOG, REMOVE_ABBREVIATION, *call.frame.end, **params)
    return bool(landing.rows(REMOVE_ABBREVIATION))


def refresh_match_keys(call: Call) -> Operation[int]:
    """How many items were read. Adds what this version would find them by: after an upgrade that reads names in another way."""
    entries = yield from list_abbreviations(call)
    dictionary = dictionary_of(tuple((each.abbreviation, each.expansion) for each in entries))
    return (yield from add_keys(lambda item: keys_of(item, dictionary), call))


def add_keys(keys_to_add: Callable[[Described], Set[int]], call: Call) -> Operation[int]:
    """How many items were read. A page of them is in hand at a time."""
    count = 0
    page = yield from describe("", NIL, call)
    while page:
        yield from write_keys({item.id: keys_to_add(item) for item in page}, call)
        count += len(page)
        page = yield from describe(page[-1].name, page[-1].id, call)
    return count


def describe(after_name: str, after_id: UUID, call: Call) -> Operation[list[Described]]:
    params = {"user_id": call.user_id, "after_name": after_name, "after_id": after_id, "limit": PAGE}
    landing = yield call.opened() + flight(LIST_DESCRIPTIONS, *call.frame.leave, **params)
    return landing.rows(LIST_DESCRIPTIONS)


def write_keys(keys: Mapping[UUID, Set[int]], call: Call) -> Operation[None]:
    rows = [{"id": str(item_id), "keys": packed(sorted(added))} for item_id, added in keys.items() if added]
    if rows:
        params = {"user_id": call.user_id, "keyed_items": json.dumps(rows)}
        yield call.opened() + flight(*call.frame.begin, ADD_MATCH_KEYS, *call.frame.end, **params)


def keys_of(item: Described, dictionary: Dictionary) -> set[int]:
    return {key for text in (item.name, *item.descriptions) for key in alias_keys(text, dictionary)}


# ---- an item's units ---------------------------------------------------------------------------------------------------------


def set_conversions(item_id: UUID, stated: Mapping[str, str], call: Call) -> Operation[dict[str, str]]:
    """Two flights. What a known pack holds is told again by the new conversions. Raises ItemNotFound and InvalidConversion."""
    if not isinstance(stated, Mapping):
        raise InvalidConversion(said=str(stated), reason='say it as in {"each": "150 g"}')
    return (yield from planned_again(lambda call: set_conversions_once(item_id, stated, call), call))


def set_conversions_once(item_id: UUID, stated: Mapping[str, str], call: Call) -> Operation[dict[str, str]]:
    """The catalog's version first: a pack that is mapped after it was read would be told by conversions that are no more."""
    asked = {"user_id": call.user_id, "item_id": item_id}
    landing = yield call.opened() + flight(FIND_CATALOG, FIND_ITEM, LIST_PACKS, *call.frame.leave, **asked)
    for item in landing.rows(FIND_ITEM):
        conversions = read_conversions(stated, item_unit=item.base_unit)
        retold = packs_retold(item, conversions, landing.rows(LIST_PACKS))
        params = {
            **asked,
            "catalog_version": landing.rows(FIND_CATALOG)[0].version,
            "conversions": json.dumps(conversions),
            "mappings": json.dumps([pack.holding(quantity) for pack, quantity in retold.items()]),
        }
        statements = (SET_CONVERSIONS, RETELL_PACKS, *call.frame.end)
        yield call.opened() + flight(LOCK_CATALOG, *call.frame.begin, *statements, **params)
        return conversions
    raise ItemNotFound(item_id=item_id)


def packs_retold(item: ItemUnits, conversions: Mapping[str, str], packs: Sequence[PackOfItem]) -> dict[PackOfItem, Decimal]:
    """What packs of another dimension than the item's hold now. What can't be told any more stays as it was.

    A line without a pack size is one each, unless it holds what another pack of its item number does.
    """
    told = {pack: quantity for pack in packs if (quantity := held_anew(pack, item, conversions)) is not None}
    sized = {key_of(pack): quantity for pack, quantity in told.items() if pack.pack_size is not None}
    left = [pack for pack in packs if pack.pack_size is None and pack not in told and key_of(pack) in sized]
    return told | {pack: sized[key_of(pack)] for pack in left}


def key_of(pack: PackOfItem) -> tuple[UUID, str, Decimal]:
    """What a line without a pack size takes from another pack of its item number."""
    return pack.vendor_id, pack.item_key, pack.base_quantity


def held_anew(pack: PackOfItem, item: ItemUnits, conversions: Mapping[str, str]) -> Decimal | None:
    """None where it is of the item's own dimension, can't be told, or did not follow from the conversions that were."""
    if pack.pack_size is None:
        was = held_in(None, item.base_unit, item.conversions)
        return held_in(None, item.base_unit, conversions) if was == pack.base_quantity else None
    try:
        size = read_pack_size(pack.pack_size)
    except LineError:
        return None
    return None if size.told_in(item.base_unit).base_unit == item.base_unit else held_in(size, item.base_unit, conversions)

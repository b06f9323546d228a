"""Kegs: 1/6 BBL is a sixth of a barrel of beer, and neither six barrels nor a sixth of what some container holds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from invoicedb.domain.numbers import plain
from invoicedb.domain.pack_runs import Doubt, Run, is_count
from invoicedb.domain.vocabulary import BARRELS, KEG_SIZES, KEGS

_PARTS_BY_DECIMAL = {Decimal("0.5"): Decimal(2), Decimal("0.25"): Decimal(4), Decimal("0.125"): Decimal(8)}


@dataclass(frozen=True, slots=True)
class Keg:
    """So many kegs of one size; `unit`: half barrel."""

    counts: tuple[Decimal, ...]
    unit: str


def keg_of(run: Run, noun: str) -> Keg | Doubt | None:
    """The keg that `run` names before BBL, or None where it names none. 1/6 KEG is most likely one, too, but doesn't say so."""
    keg = _parted(run) if noun in BARRELS or noun in KEGS else None
    if keg is None or noun in BARRELS:
        return keg
    return Doubt(readings=(" x ".join([*map(plain, keg.counts), "1"]) + f" {keg.unit}", f"{run.text} {noun.lower()}"))


def _parted(run: Run) -> Keg | None:
    """1/6, .5, and a number of them: 2 x 1/6, 2/1/6, 4/.5."""
    values = [number.value for number in run.numbers]
    if run.operators[-1:] == ("/",) and values[-2] == 1 and values[-1] in KEG_SIZES:
        counts, operators, parts = values[:-2], run.operators[:-1], values[-1]
    else:
        counts, operators, parts = values[:-1], run.operators, _PARTS_BY_DECIMAL.get(values[-1] or Decimal(0))
    if parts is None or len(counts) > 1 or not {"/", "x"}.issuperset(operators):
        return None
    packs = tuple(count for count in counts if count is not None and is_count(count))
    return Keg(packs, KEG_SIZES[parts]) if len(packs) == len(counts) else None

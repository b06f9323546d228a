"""Pack sizes as vendors write them: how many are read, and why the others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.real_inputs import DATA, Row, rows_of
from benchmarks.real_outcome import Kinds, show_kinds
from invoicedb import AmbiguousPackSize, UnreadablePackSize
from invoicedb.domain.pack_size import read_pack_size

FILE = "pack_sizes.csv"


@dataclass(slots=True)
class PackSizes:
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Kinds = field(default_factory=Kinds)

    def add(self, text: str) -> None:
        try:
            read_pack_size(text)
        except AmbiguousPackSize as error:
            self.note("ambiguous", " or ".join(error.readings), text)
        except UnreadablePackSize as error:
            self.note("refused", error.reason, text)
        else:
            self.counts["read"] += 1

    def note(self, kind: str, reason: str, text: str) -> None:
        self.counts[kind] += 1
        self.kinds.add(kind, reason, f"{text!r}: {reason}")

    def as_json(self) -> dict[str, Any]:
        return {"source": "packs", "texts": dict(self.counts), "kinds": self.kinds.rows()}


def read_all(rows: Iterable[Row]) -> PackSizes:
    found = PackSizes()
    for row in rows:
        found.add(row["text"])
    return found


def pack_sizes(data: Path = DATA) -> PackSizes:
    return read_all(rows_of(data / FILE))


def show_packs(console: Console, found: PackSizes) -> None:
    total = found.counts.total()
    shares = ", ".join(f"{kind} {count:,} ({count / total:.1%})" for kind, count in found.counts.most_common())
    console.print(f"pack sizes: {total:,} texts: {shares}")
    show_kinds(console, "pack sizes", found.kinds)

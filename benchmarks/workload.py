"""The invoices that are measured: each one new, its known items drawn at random with a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from benchmarks.catalog import VENDORS, Item

Document: TypeAlias = dict[str, Any]

FIRST_DATE = date(2025, 7, 1)
SYLLABLES = "ba de fi go lu ma ne pi ro su ta ve zo ka mi no".split()


@dataclass(frozen=True, slots=True)
class Workload:
    """Invoice number N is the same for whoever asks for it: `new_lines` of its `lines` are of items that nobody has seen."""

    items: Sequence[Item]
    lines: int = 15
    seed: int = 1

    def document(self, number: int, *, series: str = "B", new_lines: int = 0) -> Document:
        chance = random.Random(f"{self.seed} {number}")
        vendor = chance.randrange(VENDORS)
        known = chance.sample(self.items[vendor::VENDORS], self.lines)
        lines = [known_line(item, chance) for item in known]
        for place in chance.sample(range(self.lines), new_lines):
            lines[place] = new_line(f"{series}{number}-{place}", chance) | {"pack_size": lines[place]["pack_size"]}
        invoice_date = FIRST_DATE + timedelta(days=number // 4)
        head = {
            "vendor_name": f"Vendor {vendor}",
            "invoice_number": f"{series}-{number}",
            "invoice_date": invoice_date.isoformat(),
        }
        return {"invoice": head | {"currency": "USD"}, "line_items": lines}


def known_line(item: Item, chance: random.Random) -> dict[str, str]:
    return {
        "item_number": item.item_number,
        "description": item.description,
        "quantity": f"{chance.randint(1, 9)}.5",
        "unit_price": f"{float(item.unit_price) * chance.uniform(0.95, 1.1):.2f}",
        "pack_size": item.pack_size,
        "category": item.category,
    }


def new_line(item_number: str, chance: random.Random) -> dict[str, str]:
    """A line of an item with a name of its own, which some items of the catalog are a little like."""
    invented = ["".join(chance.choices(SYLLABLES, k=4)).title() for _ in range(3)]
    return {
        "item_number": item_number,
        "description": " ".join(["Organic", *invented, "Blend"]),
        "quantity": f"{chance.randint(1, 9)}",
        "unit_price": f"{chance.randint(400, 9_000) / 100:.2f}",
        "category": "dry_goods",
    }

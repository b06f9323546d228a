"""Real purchases as the invoices that an importer would make of them, in date order.

The files lie beside the repository, not in it: `docs/real-data.md` names them, with their licences.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]
Row: TypeAlias = Mapping[str, str]

DATA = Path(__file__).parents[1].parent / "shared" / "data"

WEIGHED = frozenset({"lb", "oz", "qt"})
"""Units that a restaurant buys in, not packs: catch weight, and cream by the quart."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where documents come from: the files of `DATA`, each with what makes documents of its rows."""

    name: str
    files: Mapping[str, Callable[[Iterable[Row]], Iterator[Document]]]

    def missing(self, data: Path = DATA) -> list[Path]:
        return [data / name for name in self.files if not (data / name).exists()]

    def documents(self, data: Path = DATA) -> list[Document]:
        """All of them by date; of one day in the order of the file, which is the order of the numbers."""
        found = [document for name, read in self.files.items() for document in read(rows_of(data / name))]
        return sorted(found, key=lambda document: str(document["invoice"]["invoice_date"]))


def rows_of(path: Path) -> Iterator[Row]:
    packed = path.suffix == ".gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") if packed else path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> Mapping[str, Sequence[Row]]:
    """Rows that belong together, wherever they stand, in the order of the first of each."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


# ---- a wholesaler's ledger: no pack sizes, no line totals, no line numbers ---------------------------------------------------


def retail_invoices(rows: Iterable[Row]) -> Iterator[Document]:
    for number, lines in grouped(rows, lambda row: row["InvoiceNo"]).items():
        head = {"vendor_name": "Online Retail", "invoice_number": number, "invoice_date": lines[0]["InvoiceDate"][:10]}
        yield {"invoice": head | {"currency": "GBP"}, "line_items": [retail_line(line) for line in lines]}


def retail_line(row: Row) -> Document:
    return {
        "item_number": row["StockCode"],
        "description": row["Description"],
        "quantity": row["Quantity"],
        "unit_price": row["UnitPrice"],
    }


# ---- liquor: shops buy from the state, by the case or by the bottle ----------------------------------------------------------


def liquor_orders(rows: Iterable[Row]) -> Iterator[Document]:
    """A day's lines have no invoice number: what a shop bought that day is one order, numbered after both."""
    for number, lines in grouped(rows, lambda row: f"{row['store_number']}-{row['date']}").items():
        yield liquor_document(number, lines[0]["date"], [liquor_line(line) for line in lines])


def liquor_invoices(rows: Iterable[Row]) -> Iterator[Document]:
    """`INV-10070200003` is line 3 of invoice INV-100702; other lines of it may be missing."""
    for number, lines in grouped(rows, lambda row: row["invoice_item_number"][:-5]).items():
        day = datetime.strptime(lines[0]["date"], "%m/%d/%Y").date()
        numbered = [liquor_line(line) | {"line_number": int(line["invoice_item_number"][-5:])} for line in lines]
        yield liquor_document(number, day.isoformat(), numbered)


def liquor_document(number: str, day: str, lines: Sequence[Document]) -> Document:
    head = {"vendor_name": "Iowa Alcoholic Beverages Division", "invoice_number": number, "invoice_date": day}
    return {"invoice": head | {"currency": "USD"}, "line_items": list(lines)}


def liquor_line(row: Row) -> Document:
    """Whole cases at the price of a case, `12/750 ML`; anything else by the bottle."""
    bottles, per_case, volume = Decimal(row["bottles_sold"]), Decimal(row["pack"]), row["bottle_volume_ml"]
    by_the_case = bottles % per_case == 0
    price = row["state_bottle_retail"]
    return {
        "item_number": row["item_number"],
        "description": row["item_description"],
        "category": row["category_name"],
        "quantity": str(bottles / per_case if by_the_case else bottles),
        "pack_size": f"{per_case}/{volume} ML" if by_the_case else f"{volume} ML",
        "unit_price": str(Decimal(price) * per_case) if price and by_the_case else price,
        "line_total": row["sale_dollars"] or None,
    }


# ---- a restaurant's item list: each with its last purchase -------------------------------------------------------------------


def restaurant_invoices(rows: Iterable[Row]) -> Iterator[Document]:
    """What one vendor sold on one day; the list has no invoice numbers."""
    for lines in grouped(rows, lambda row: f"{row['last_purchased']} {row['vendor']}").values():
        head = {"vendor_name": lines[0]["vendor"], "invoice_date": lines[0]["last_purchased"], "currency": "USD"}
        yield {"invoice": head, "line_items": [restaurant_line(line) for line in lines]}


def restaurant_line(row: Row) -> Document:
    """The list has the price and the pack of what was bought last, but not how many: one each."""
    return {
        "item_number": row["item_code"],
        "description": row["item_text"],
        "quantity": "1",
        "unit_price": row["last_price"],
        "pack_size": restaurant_pack(row),
    }


def restaurant_pack(row: Row) -> str | None:
    """The columns pack, size and unit as a distributor prints them; goods sold by weight are priced by that weight."""
    if row["uom"] in WEIGHED:
        return f"1 {row['uom']}"
    if not row["unit"]:
        return None
    size = f"{row['size']} {row['unit']}"
    return size if row["pack"] == "1" else f"{row['pack']}/{size}"


SOURCES = (
    Source("retail", {"online-retail.csv.gz": retail_invoices}),
    Source("liquor", {"iowa-liquor-day.csv.gz": liquor_orders, "iowa-liquor-sample.csv": liquor_invoices}),
    Source("restaurant", {"restaurant_items.csv": restaurant_invoices}),
)

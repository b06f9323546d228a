"""A catalog to measure on: thousands of items with mappings, match keys and a price history, the same for each tenant."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql

from invoicedb.domain.keys import plain_text
from invoicedb.domain.match_keys import match_keys
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.domain.reading import read
from invoicedb.operations.ingest.look_up import packed
from invoicedb.sql import statements_of

FILL = dict(statements_of(Path(__file__).with_name("fill.sql").read_text("utf-8")))
VENDORS = 5
HISTORY = 3
"""How often each item was bought before."""

TENANT_STEPS = ("catalog", "vendors", "items", "mappings", "match_keys", "invoices", "lines", "movements", "prices")
KINDS = "Whole Diced Sliced Ground Smoked Frozen Fresh Organic Roasted Peeled Crushed Marinated Salted Dried".split()
GOODS = (
    "Beef Chicken Turkey Salmon Shrimp Tomato Potato Onion Carrot Mushroom Spinach Pepper Cheddar Mozzarella Yogurt Butter "
    "Flour Rice Pasta Lentil Chickpea Almond Walnut Peach Mango Apple Lemon Olive Basil Oregano"
).split()
CUTS = "Patty Breast Fillet Wedge Cube Strip Slice Puree Paste Sauce Mix Blend Base Pieces Halves Crumble".split()
BRANDS = "Harvest Valley Summit Riverside Golden Heritage Pacific Maple Prairie Orchard Coastal Alpine Meadow Sunrise".split()
PACKS = ("6/5 LB", "12/1 KG", "24/12 OZ", "4/1 GAL", "50 LB", "10/2 LB", "8/750 ML", "2/10 KG")
CATEGORIES = ("meat", "produce", "dairy", "dry_goods")


@dataclass(frozen=True, slots=True)
class Item:
    """An item as its vendor sells it. Its place counts from 1; `keys` are its name's match keys as they travel."""

    place: int
    vendor: int
    item_number: str
    description: str
    reading: str
    category: str
    pack_size: str
    pack_key: str
    base_unit: str
    base_quantity: str
    unit_price: str
    keys: str


def make_items(count: int, seed: int = 7) -> list[Item]:
    """Items with distinct names, in an order that says nothing, spread over the vendors."""
    names = [" ".join(words) for words in itertools.product(BRANDS, KINDS, GOODS, CUTS)]
    chance = random.Random(seed)
    return [make_item(place, name, chance) for place, name in enumerate(chance.sample(names, count), 1)]


def make_item(place: int, name: str, chance: random.Random) -> Item:
    pack_size = chance.choice(PACKS)
    pack = read_pack_size(pack_size)
    return Item(
        place=place,
        vendor=(place - 1) % VENDORS,
        item_number=f"{10_000 + place}",
        description=name,
        reading=plain_text(name),
        category=chance.choice(CATEGORIES),
        pack_size=pack_size,
        pack_key=pack.key,
        base_unit=pack.base_unit,
        base_quantity=f"{pack.base_quantity:f}",
        unit_price=f"{chance.randint(400, 9_000) / 100:.2f}",
        keys=packed(match_keys(read(name, pack_size))),
    )


def fill(
    dsn: str, items: Sequence[Item], tenants: Sequence[tuple[UUID, int]], *, analyzed: bool = True, history: int = HISTORY
) -> None:
    """Give each tenant the first so many of the items, everything that belongs to them, and their history."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        if not analyzed:
            keep_unanalyzed(connection)
        make_samples(connection, items, history)
        for number, (user_id, count) in enumerate(tenants, 1):
            params = {"user_id": user_id, "tenant": number, "items": count, "vendors": VENDORS}
            with connection.transaction():
                for step in TENANT_STEPS:
                    connection.execute(FILL[f"add_{step}"], params)
        if analyzed:
            connection.execute(FILL["vacuum_analyze"])


def make_samples(connection: psycopg.Connection, items: Sequence[Item], history: int) -> None:
    connection.execute(FILL["make_id"])
    connection.execute(FILL["make_items"])
    with connection.cursor() as cursor, cursor.copy(FILL["copy_items"]) as copy:
        for item in items:
            copy.write_row(astuple(item))
    connection.execute(FILL["make_size"])
    connection.execute(FILL["set_size"], {"items": len(items), "vendors": VENDORS, "history": history})
    connection.execute(FILL["make_history"])
    connection.execute(FILL["analyze_samples"])


def keep_unanalyzed(connection: psycopg.Connection) -> None:
    for name in tables(connection):
        connection.execute(sql.SQL(FILL["without_autovacuum"]).format(table=sql.Identifier(name)))


def tables(connection: psycopg.Connection) -> Iterator[str]:
    for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall():
        yield name

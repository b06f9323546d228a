"""The tables as SQLAlchemy Core, for users' own queries and for `alembic check`. What makes them is `migrations/`.

Example: `select(schema.inventory_items.c.name).where(schema.inventory_items.c.user_id == user_id)`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    cast,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

REQUIRED: dict[str, Any] = {"nullable": False}

catalogs = Table(
    "catalogs",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("version", BigInteger, **REQUIRED),
    Column("fuzzy_auto", Numeric),
    Column("fuzzy_review", Numeric),
    Column("never_create", Boolean, server_default=text("false"), **REQUIRED),
    Column("review_everything", Boolean, server_default=text("false"), **REQUIRED),
    Column("locked_before", Date),
    Column("locked_by", Text),
    Column("lock_reason", Text),
)
"""A row per tenant: whoever adds or changes items, mappings or the rules of matching raises the version. Absent counts as 0.

Nothing is booked or changed whose effective date is before `locked_before`.
"""

abbreviations = Table(
    "abbreviations",
    metadata,
    Column("abbreviation", Text, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("expansion", Text, **REQUIRED),
    PrimaryKeyConstraint("abbreviation", "user_id"),
)
"""A tenant's own abbreviations, in capitals."""

Index("abbreviations_of_user", cast(abbreviations.c.user_id, Text))

vendors = Table(
    "vendors",
    metadata,
    Column("id", Uuid, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("name", Text, **REQUIRED),
    Column("normalized_name", Text, **REQUIRED),
    Column("posting_sequence", BigInteger, **REQUIRED),
    Column("created_at", DateTime(timezone=True), **REQUIRED),
    Column("merged_into_id", Uuid),
    Column("merge_record", JSONB),
    PrimaryKeyConstraint("id", "user_id"),
    UniqueConstraint("normalized_name", "user_id", name="vendors_name"),
)
"""Unique by normalised name. `posting_sequence` is the number of invoices booked: the one order of a vendor's invoices.

A vendor with a `merged_into_id` is a name of that vendor now, which is never itself merged; `merge_record` is what the merge
has moved.
"""

Index(
    "vendors_merged",
    vendors.c.merged_into_id,
    vendors.c.user_id,
    postgresql_where=text("merged_into_id IS NOT NULL"),
)

inventory_items = Table(
    "inventory_items",
    metadata,
    Column("id", Uuid, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("name", Text, **REQUIRED),
    Column("category", Text),
    Column("base_unit", Text, **REQUIRED),
    Column("current_quantity", Numeric, **REQUIRED),
    Column("last_purchase_price", Numeric),
    Column("last_purchase_date", Date),
    Column("last_base_unit_price", Numeric),
    Column("last_vendor_id", Uuid),
    Column("last_posting_sequence", BigInteger),
    Column("last_invoice_id", Uuid),
    Column("last_line_number", Integer),
    Column("conversions", JSONB, server_default=text("'{}'"), **REQUIRED),
    Column("merged_into_id", Uuid),
    Column("merge_record", JSONB),
    Column("created_at", DateTime(timezone=True), **REQUIRED),
    PrimaryKeyConstraint("id", "user_id"),
)
"""Stock in base units (g, ml, each). The `last_…` columns are those of the line that is the item's last purchase.

`conversions` says what one base unit of another dimension is, as text, a decimal or a fraction a/b: `{"each": "150"}` of an
item in g is 1 each = 150 g. An item with a `merged_into_id` is that item now, and `merge_record` is what the merge has moved.
"""

Index(
    "inventory_items_of_user", cast(inventory_items.c.user_id, Text), inventory_items.c.name, cast(inventory_items.c.id, Text)
)

Index(
    "inventory_items_merged",
    cast(inventory_items.c.user_id, Text),
    postgresql_where=text("merge_record IS NOT NULL"),
)

item_match_keys = Table(
    "item_match_keys",
    metadata,
    Column("match_key", BigInteger, autoincrement=False, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("inventory_item_id", Uuid, **REQUIRED),
    PrimaryKeyConstraint("match_key", "user_id", "inventory_item_id"),
)
"""Hashed word sets of an item's names: what makes an item a candidate for a line that has no mapping."""

vendor_item_mappings = Table(
    "vendor_item_mappings",
    metadata,
    Column("vendor_id", Uuid, **REQUIRED),
    Column("item_key", Text, **REQUIRED),
    Column("pack_key", Text, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("inventory_item_id", Uuid, **REQUIRED),
    Column("base_quantity", Numeric, **REQUIRED),
    Column("item_number", Text),
    Column("description", Text, **REQUIRED),
    Column("pack_size", Text),
    Column("accepted_readings", ARRAY(Text), **REQUIRED),
    Column("pending_readings", ARRAY(Text), server_default=text("'{}'"), **REQUIRED),
    Column("match_method", Text, **REQUIRED),
    Column("match_score", Numeric),
    Column("match_reasons", JSONB, server_default=text("'[]'"), **REQUIRED),
    Column("review_state", Text, **REQUIRED),
    Column("rejected_item_ids", ARRAY(Uuid), server_default=text("'{}'"), **REQUIRED),
    Column("created_by_invoice_id", Uuid),
    Column("created_by_line_number", Integer),
    Column("created_at", DateTime(timezone=True), **REQUIRED),
    Column("runner_up_item_id", Uuid),
    Column("runner_up_score", Numeric),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decision_reason", Text),
    PrimaryKeyConstraint("vendor_id", "item_key", "pack_key", "user_id"),
    ForeignKeyConstraint(["vendor_id", "user_id"], ["vendors.id", "vendors.user_id"]),
    ForeignKeyConstraint(["inventory_item_id", "user_id"], ["inventory_items.id", "inventory_items.user_id"]),
    Index("vendor_item_mappings_of_item", "inventory_item_id", "user_id"),
)
"""Remembered decisions: this vendor's item key in this pack is this item, and one pack is `base_quantity` of its base unit.

How it was matched is kept beside what a person has decided about it since: `decided_by`, `decided_at`, `decision_reason`.
"""

Index(
    "vendor_item_mappings_in_review",
    cast(vendor_item_mappings.c.user_id, Text),
    vendor_item_mappings.c.created_at,
    cast(vendor_item_mappings.c.vendor_id, Text),
    vendor_item_mappings.c.item_key,
    vendor_item_mappings.c.pack_key,
    postgresql_where=text("review_state = 'pending' OR pending_readings <> '{}'"),
)

invoices = Table(
    "invoices",
    metadata,
    Column("id", Uuid, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("vendor_id", Uuid),
    Column("document_type", Text, **REQUIRED),
    Column("status", Text, **REQUIRED),
    Column("invoice_number", Text),
    Column("number_key", Text),
    Column("invoice_date", Date, **REQUIRED),
    Column("currency", Text),
    Column("total", Numeric, **REQUIRED),
    Column("line_count", Integer, **REQUIRED),
    Column("posting_sequence", BigInteger),
    Column("sending", Integer, **REQUIRED),
    Column("generation", Integer, **REQUIRED),
    Column("content_hash", Text, **REQUIRED),
    Column("voided_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), **REQUIRED),
    Column("corrects_id", Uuid),
    Column("reason", Text),
    Column("made_by", Text),
    Column("named_vendor_id", Uuid),
    PrimaryKeyConstraint("id", "user_id"),
    ForeignKeyConstraint(["vendor_id", "user_id"], ["vendors.id", "vendors.user_id"]),
    UniqueConstraint("vendor_id", "posting_sequence", "user_id", name="invoices_posting_sequence"),
    Index("invoices_near_duplicates", "vendor_id", "invoice_date", "total", "user_id"),
)
"""One row per document. A void or a credit memo names the invoice that it corrects, a void why, and who said so. `sending`
counts how often it was sent with lines to book; failed lines can be sent again. The correction that merges two items
is no vendor's. `named_vendor_id` is the vendor that the document names, where that one was merged into `vendor_id`."""

Index(
    "invoices_number",
    invoices.c.number_key,
    invoices.c.vendor_id,
    invoices.c.user_id,
    unique=True,
    postgresql_where=text("number_key IS NOT NULL AND voided_at IS NULL"),
)
Index(
    "invoices_corrected",
    invoices.c.corrects_id,
    invoices.c.user_id,
    postgresql_where=text("corrects_id IS NOT NULL"),
)
Index(
    "invoices_of_user", cast(invoices.c.user_id, Text), text("(invoice_date - '1900-01-01'::date)"), cast(invoices.c.id, Text)
)

invoice_lines = Table(
    "invoice_lines",
    metadata,
    Column("invoice_id", Uuid, **REQUIRED),
    Column("line_number", Integer, autoincrement=False, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("sending", Integer, **REQUIRED),
    Column("kind", Text, server_default="item", **REQUIRED),
    Column("item_number", Text),
    Column("description", Text, **REQUIRED),
    Column("pack_size", Text),
    Column("category", Text),
    Column("quantity", Numeric),
    Column("unit_price", Numeric),
    Column("line_total", Numeric),
    Column("item_key", Text),
    Column("pack_key", Text),
    Column("inventory_item_id", Uuid),
    Column("base_quantity", Numeric),
    Column("match_method", Text),
    Column("match_score", Numeric),
    Column("error_type", Text),
    Column("error", Text),
    Column("as_sent", JSONB),
    Column("match_reasons", JSONB, server_default=text("'[]'"), **REQUIRED),
    Column("share", Numeric, server_default=text("0"), **REQUIRED),
    Column("cost_total", Numeric),
    Column("corrected_price", Numeric),
    Column("ordered_quantity", Numeric),
    Column("ordered_pack_size", Text),
    Column("dismissed_at", DateTime(timezone=True)),
    Column("dismissed_by", Text),
    Column("dismissed_reason", Text),
    PrimaryKeyConstraint("invoice_id", "line_number", "user_id"),
    ForeignKeyConstraint(["invoice_id", "user_id"], ["invoices.id", "invoices.user_id"]),
)
"""Every line, good or failed. `base_quantity` is what one pack of the line holds; a failed line is kept `as_sent`.

Only lines of the kinds item and price_correction have an item. `line_total` is what the line says, `cost_total` what its goods
cost: with their `share` of freight and discounts, or, of goods that went back, what they were invoiced for. A credit memo's
lines are negative. Goods billed by weight keep what was ordered of them. One that nobody will mend is dismissed: it stays as it
is, with who said so and why.
"""

inventory_transactions = Table(
    "inventory_transactions",
    metadata,
    Column("reference_id", Uuid, **REQUIRED),
    Column("line_number", Integer, autoincrement=False, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("inventory_item_id", Uuid, **REQUIRED),
    Column("transaction_type", Text, **REQUIRED),
    Column("reference_type", Text, **REQUIRED),
    Column("quantity_change", Numeric, **REQUIRED),
    Column("unit_cost", Numeric, **REQUIRED),
    Column("total_cost", Numeric, **REQUIRED),
    Column("transaction_date", Date, **REQUIRED),
    Column("reverses_reference_id", Uuid),
    Column("reverses_line_number", Integer),
    Column("of_invoice_id", Uuid),
    Column("of_line_number", Integer),
    PrimaryKeyConstraint("reference_id", "line_number", "user_id"),
    ForeignKeyConstraint(["inventory_item_id", "user_id"], ["inventory_items.id", "inventory_items.user_id"]),
)
"""Movements, append-only: `quantity_change` in base units, `unit_cost` per base unit, `total_cost` the line's money.

A correction's movement that stands for an invoice's line names it in `of_invoice_id` and `of_line_number`. Opening stock has
`reference_type` opening, and the import's id as `reference_id`; the reversal that takes it back names it in the same way.
"""

Index(
    "inventory_transactions_openings",
    inventory_transactions.c.inventory_item_id,
    inventory_transactions.c.user_id,
    postgresql_where=text("reference_type = 'opening'"),
)

Index(
    "inventory_transactions_reversed_once",
    inventory_transactions.c.reverses_reference_id,
    inventory_transactions.c.reverses_line_number,
    inventory_transactions.c.user_id,
    unique=True,
    postgresql_where=text("reverses_reference_id IS NOT NULL"),
)
Index(
    "inventory_transactions_of_line",
    inventory_transactions.c.of_invoice_id,
    inventory_transactions.c.of_line_number,
    inventory_transactions.c.user_id,
    postgresql_where=text("of_invoice_id IS NOT NULL"),
)
Index(
    "inventory_transactions_of_item",
    inventory_transactions.c.inventory_item_id,
    inventory_transactions.c.reference_id,
    inventory_transactions.c.line_number,
    inventory_transactions.c.user_id,
    postgresql_include=["quantity_change"],
)

price_history = Table(
    "price_history",
    metadata,
    Column("invoice_id", Uuid, **REQUIRED),
    Column("line_number", Integer, autoincrement=False, **REQUIRED),
    Column("user_id", Uuid, **REQUIRED),
    Column("inventory_item_id", Uuid, **REQUIRED),
    Column("vendor_id", Uuid, **REQUIRED),
    Column("invoice_date", Date, **REQUIRED),
    Column("posting_sequence", BigInteger, **REQUIRED),
    Column("unit_price", Numeric, **REQUIRED),
    Column("pack_size", Text),
    Column("base_quantity", Numeric, **REQUIRED),
    Column("base_unit_price", Numeric, **REQUIRED),
    Column("currency", Text),
    Column("previous_price", Numeric),
    Column("price_change_percent", Numeric),
    Column("is_price_increase", Boolean),
    Column("voided_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("invoice_id", "line_number", "user_id"),
    ForeignKeyConstraint(
        ["invoice_id", "line_number", "user_id"],
        ["inventory_transactions.reference_id", "inventory_transactions.line_number", "inventory_transactions.user_id"],
    ),
)
"""Price points: `unit_price` per pack, `previous_price` restated for this pack. The chain of an item and a vendor is ordered
by (invoice_date, posting_sequence, invoice_id, line_number); a voided point is out of it."""

IN_THE_CHAIN = text("voided_at IS NULL")

Index(
    "price_history_chain",
    price_history.c.inventory_item_id,
    price_history.c.vendor_id,
    price_history.c.invoice_date,
    price_history.c.posting_sequence,
    price_history.c.invoice_id,
    price_history.c.line_number,
    price_history.c.user_id,
    postgresql_where=IN_THE_CHAIN,
)

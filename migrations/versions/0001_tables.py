"""The tables of invoicedb.

Every table has the tenant, `user_id`, in each of its keys, and no key begins with it: a planner without statistics takes an
index for the one whose first column picks the row. Every number has a check on both sides, because NaN passes a one-sided one.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FUNCTIONS = """
-- Ends the transaction with a SQLSTATE of class IV unless `ok` is true; NULL is no yes.
CREATE FUNCTION invoicedb_require(ok boolean, code text, reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF ok IS NOT TRUE THEN RAISE EXCEPTION USING ERRCODE = code, MESSAGE = reason; END IF;
END $$;

-- Ten decimals, half away from zero. `div` cuts: twice the dividend and one divisor more is cut where the half is.
CREATE FUNCTION invoicedb_quotient(dividend numeric, divisor numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT sign(dividend) * div(abs(dividend) * 20000000000 + divisor, divisor * 2) * 0.0000000001 $$;

-- By how many percent `now` is above `before`, four decimals; NULL where there is nothing before, or it is 0.
CREATE FUNCTION invoicedb_percent(before numeric, now numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT sign(now - before) * div(abs(now - before) * 2000000 + before, nullif(before, 0) * 2) * 0.0001 $$;
"""

TABLES = """
CREATE TABLE catalogs (
  user_id uuid PRIMARY KEY,
  version bigint NOT NULL CHECK (version >= 0)
);

CREATE TABLE vendors (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  normalized_name text NOT NULL CHECK (normalized_name <> ''),
  posting_sequence bigint NOT NULL CHECK (posting_sequence >= 0),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (id, user_id),
  CONSTRAINT vendors_name UNIQUE (normalized_name, user_id)
);

CREATE TABLE inventory_items (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  category text,
  base_unit text NOT NULL CHECK (base_unit IN ('g', 'ml', 'each')),
  current_quantity numeric NOT NULL CHECK (current_quantity > -1e40 AND current_quantity < 1e40),
  last_purchase_price numeric CHECK (last_purchase_price >= 0 AND last_purchase_price < 1e15),
  last_purchase_date date,
  last_base_unit_price numeric CHECK (last_base_unit_price >= 0 AND last_base_unit_price < 1e40),
  last_vendor_id uuid,
  last_posting_sequence bigint,
  last_invoice_id uuid,
  last_line_number integer,
  conversions jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(conversions) = 'object'),
  merged_into_id uuid CHECK (merged_into_id <> id),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (id, user_id),
  CONSTRAINT inventory_items_last_purchase CHECK (num_nulls(last_purchase_price, last_purchase_date, last_base_unit_price,
    last_vendor_id, last_posting_sequence, last_invoice_id, last_line_number) IN (0, 7))
);

CREATE TABLE item_match_keys (
  match_key bigint NOT NULL,
  user_id uuid NOT NULL,
  inventory_item_id uuid NOT NULL,
  PRIMARY KEY (match_key, user_id, inventory_item_id)
);

CREATE TABLE vendor_item_mappings (
  vendor_id uuid NOT NULL,
  item_key text NOT NULL CHECK (item_key ~ '^[nd]:.'),
  pack_key text NOT NULL,
  user_id uuid NOT NULL,
  inventory_item_id uuid NOT NULL,
  base_quantity numeric NOT NULL CHECK (base_quantity > 0 AND base_quantity < 1e40),
  item_number text,
  description text NOT NULL,
  pack_size text,
  accepted_readings text[] NOT NULL,
  pending_readings text[] NOT NULL DEFAULT '{}',
  match_method text NOT NULL CHECK (match_method IN ('exact', 'fuzzy_auto', 'fuzzy_review', 'new')),
  match_score numeric CHECK (match_score >= 0 AND match_score <= 1),
  match_reasons jsonb NOT NULL DEFAULT '[]',
  review_state text NOT NULL CHECK (review_state IN ('none', 'pending', 'approved', 'rejected')),
  rejected_item_ids uuid[] NOT NULL DEFAULT '{}',
  created_by_invoice_id uuid,
  created_by_line_number integer,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (vendor_id, item_key, pack_key, user_id),
  FOREIGN KEY (vendor_id, user_id) REFERENCES vendors (id, user_id),
  FOREIGN KEY (inventory_item_id, user_id) REFERENCES inventory_items (id, user_id)
);

CREATE TABLE invoices (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  vendor_id uuid NOT NULL,
  document_type text NOT NULL CHECK (document_type IN ('invoice', 'credit_memo', 'void', 'correction')),
  status text NOT NULL CHECK (status IN ('success', 'partial_success', 'failed')),
  invoice_number text,
  number_key text,
  invoice_date date NOT NULL CHECK (invoice_date BETWEEN '1900-01-01' AND '2199-12-31'),
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  total numeric NOT NULL CHECK (total > -1e40 AND total < 1e40),
  line_count integer NOT NULL CHECK (line_count > 0),
  posting_sequence bigint CHECK (posting_sequence > 0),
  sending integer NOT NULL CHECK (sending > 0),
  generation integer NOT NULL CHECK (generation >= 0),
  content_hash text NOT NULL,
  voided_at timestamptz,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (id, user_id),
  FOREIGN KEY (vendor_id, user_id) REFERENCES vendors (id, user_id),
  CONSTRAINT invoices_posting_sequence UNIQUE (vendor_id, posting_sequence, user_id),
  CONSTRAINT invoices_failed_has_no_sequence CHECK ((posting_sequence IS NULL) = (status = 'failed')),
  CONSTRAINT invoices_number_has_key CHECK ((invoice_number IS NULL) = (number_key IS NULL))
);

CREATE TABLE invoice_lines (
  invoice_id uuid NOT NULL,
  line_number integer NOT NULL CHECK (line_number > 0),
  user_id uuid NOT NULL,
  sending integer NOT NULL CHECK (sending > 0),
  kind text NOT NULL DEFAULT 'item' CHECK (kind IN ('item', 'deposit', 'freight', 'charge', 'discount', 'tax')),
  item_number text,
  description text NOT NULL,
  pack_size text,
  category text,
  quantity numeric CHECK (quantity > -1e15 AND quantity < 1e15),
  unit_price numeric CHECK (unit_price > -1e15 AND unit_price < 1e15),
  line_total numeric CHECK (line_total > -1e30 AND line_total < 1e30),
  item_key text,
  pack_key text,
  inventory_item_id uuid,
  base_quantity numeric CHECK (base_quantity > 0 AND base_quantity < 1e40),
  match_method text CHECK (match_method IN ('exact', 'fuzzy_auto', 'fuzzy_review', 'new')),
  match_score numeric CHECK (match_score >= 0 AND match_score <= 1),
  error_type text,
  error text,
  as_sent jsonb,
  PRIMARY KEY (invoice_id, line_number, user_id),
  FOREIGN KEY (invoice_id, user_id) REFERENCES invoices (id, user_id),
  CONSTRAINT invoice_lines_booked_or_failed CHECK (CASE WHEN error_type IS NULL
    THEN error IS NULL AND num_nulls(quantity, unit_price, line_total, item_key, pack_key, inventory_item_id, base_quantity,
                                     match_method) = 0
    ELSE error IS NOT NULL AND num_nonnulls(inventory_item_id, base_quantity, match_method, match_score) = 0 END)
);

CREATE TABLE inventory_transactions (
  reference_id uuid NOT NULL,
  line_number integer NOT NULL CHECK (line_number > 0),
  user_id uuid NOT NULL,
  inventory_item_id uuid NOT NULL,
  transaction_type text NOT NULL CHECK (transaction_type IN ('purchase', 'return', 'reversal', 'adjustment')),
  reference_type text NOT NULL CHECK (reference_type IN ('invoice', 'credit_memo', 'void', 'correction')),
  quantity_change numeric NOT NULL CHECK (quantity_change > -1e40 AND quantity_change < 1e40),
  unit_cost numeric NOT NULL CHECK (unit_cost > -1e40 AND unit_cost < 1e40),
  total_cost numeric NOT NULL CHECK (total_cost > -1e30 AND total_cost < 1e30),
  transaction_date date NOT NULL,
  reverses_reference_id uuid,
  reverses_line_number integer,
  PRIMARY KEY (reference_id, line_number, user_id),
  FOREIGN KEY (inventory_item_id, user_id) REFERENCES inventory_items (id, user_id),
  CONSTRAINT inventory_transactions_purchase_adds CHECK (transaction_type <> 'purchase' OR quantity_change > 0),
  CONSTRAINT inventory_transactions_reversal_names_its_movement CHECK
    (num_nulls(reverses_reference_id, reverses_line_number) = CASE transaction_type WHEN 'reversal' THEN 0 ELSE 2 END)
);

CREATE TABLE price_history (
  invoice_id uuid NOT NULL,
  line_number integer NOT NULL,
  user_id uuid NOT NULL,
  inventory_item_id uuid NOT NULL,
  vendor_id uuid NOT NULL,
  invoice_date date NOT NULL,
  posting_sequence bigint NOT NULL,
  unit_price numeric NOT NULL CHECK (unit_price >= 0 AND unit_price < 1e15),
  pack_size text,
  base_quantity numeric NOT NULL CHECK (base_quantity > 0 AND base_quantity < 1e40),
  base_unit_price numeric NOT NULL CHECK (base_unit_price >= 0 AND base_unit_price < 1e40),
  currency text,
  previous_price numeric CHECK (previous_price >= 0 AND previous_price < 1e40),
  price_change_percent numeric CHECK (price_change_percent >= -100 AND price_change_percent < 1e60),
  is_price_increase boolean,
  voided_at timestamptz,
  PRIMARY KEY (invoice_id, line_number, user_id),
  FOREIGN KEY (invoice_id, line_number, user_id) REFERENCES inventory_transactions (reference_id, line_number, user_id),
  CONSTRAINT price_history_no_change_without_a_predecessor CHECK
    (previous_price IS NOT NULL OR num_nonnulls(price_change_percent, is_price_increase) = 0)
);
"""

INDEXES = """
-- look_up, and the guard against a number booked twice; a voided invoice frees its number.
CREATE UNIQUE INDEX invoices_number ON invoices (number_key, vendor_id, user_id)
  WHERE number_key IS NOT NULL AND voided_at IS NULL;
-- add_invoice: near duplicates.
CREATE INDEX invoices_near_duplicates ON invoices (vendor_id, invoice_date, total, user_id);
-- list_invoices, list_prices. All of it expressions: to a planner that thinks the table small, an index with user_id or id
-- anywhere in it is as good as the key, and the plan stays when the table has grown.
CREATE INDEX invoices_of_user ON invoices ((user_id::text), (invoice_date - DATE '1900-01-01'), (id::text));
-- look_up_lost, list_item_prices: the descriptions and packs that are mapped to an item.
CREATE INDEX vendor_item_mappings_of_item ON vendor_item_mappings (inventory_item_id, user_id);
-- list_stock. Expressions, as above.
CREATE INDEX inventory_items_of_user ON inventory_items ((user_id::text), name, (id::text));
-- add_prices, mend_successors, list_item_prices: the neighbours of a price point. Voided points are out of the chain.
CREATE INDEX price_history_chain ON price_history
  (inventory_item_id, vendor_id, invoice_date, posting_sequence, invoice_id, line_number, user_id) WHERE voided_at IS NULL;
-- A movement is reversed once.
CREATE UNIQUE INDEX inventory_transactions_reversed_once ON inventory_transactions
  (reverses_reference_id, reverses_line_number, user_id) WHERE reverses_reference_id IS NOT NULL;
"""

TABLE_NAMES = (
    "price_history, inventory_transactions, invoice_lines, invoices, vendor_item_mappings, item_match_keys, inventory_items, "
    "vendors, catalogs"
)


def upgrade() -> None:
    for statements in (FUNCTIONS, TABLES, INDEXES):
        op.execute(statements)


def downgrade() -> None:
    op.execute(f"DROP TABLE {TABLE_NAMES}")
    op.execute("DROP FUNCTION invoicedb_percent(numeric, numeric), invoicedb_quotient(numeric, numeric)")
    op.execute("DROP FUNCTION invoicedb_require(boolean, text, text)")

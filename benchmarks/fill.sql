-- Catalogs to measure on: the same items, mappings, match keys and price history for each tenant, made set by set.

-- name: make_id
-- Ids that grow, as those that the library makes do.
CREATE FUNCTION pg_temp.id_of(tenant int, kind int, place bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(tenant), 8, '0') || lpad(to_hex(kind), 4, '0') || '70008000' || lpad(to_hex(place), 12, '0'))::uuid $$;

-- name: make_items
CREATE TEMPORARY TABLE sample_items (place int PRIMARY KEY, vendor int, item_number text, description text, reading text, category text,
  pack_size text, pack_key text, base_unit text, base_quantity numeric, unit_price numeric, keys text);

-- name: copy_items
COPY sample_items FROM STDIN;

-- name: make_size
CREATE TEMPORARY TABLE sample_size (items int, vendors int, history int);

-- name: set_size
INSERT INTO sample_size VALUES (%(items)s, %(vendors)s, %(history)s);

-- name: make_history
-- Each item bought `history` times, 20 lines an invoice; its price goes up and down by a few percent.
CREATE TEMPORARY TABLE sample_history AS
SELECT bought.*, quantity * base_quantity AS quantity_change, round(quantity * price, 2) AS line_total,
       lag(price) OVER (PARTITION BY place ORDER BY sequence) AS price_before
  FROM (SELECT place, vendor, (place - 1) / vendors / 20 AS block, (place - 1) / vendors % 20 + 1 AS line_number, time,
               (time - 1) * (items / vendors / 20 + 1) + (place - 1) / vendors / 20 + 1 AS sequence,
               date '2025-01-01' + (time - 1) * 30 + (place - 1) / vendors / 20 % 28 AS invoice_date,
               round(unit_price * (100 + (place * 7 + time * 3) % 5 - 2) / 100, 2) AS price, (1 + (place + time) % 4)::numeric AS quantity,
               item_number, description, category, pack_size, pack_key, base_quantity
          FROM sample_items
         CROSS JOIN sample_size
         CROSS JOIN generate_series(1, history) AS time) AS bought;

-- name: analyze_samples
ANALYZE sample_items, sample_history;

-- name: without_autovacuum
-- A database that no ANALYZE has seen, and that none will see.
ALTER TABLE {table} SET (autovacuum_enabled = false);

-- name: add_catalog
INSERT INTO catalogs (user_id, version) VALUES (%(user_id)s, 1);

-- name: add_vendors
INSERT INTO vendors (user_id, id, name, normalized_name, posting_sequence, created_at)
SELECT %(user_id)s, pg_temp.id_of(%(tenant)s, 1, vendor), 'Vendor ' || vendor, 'vendor ' || vendor,
       (SELECT coalesce(max(sequence), 0) FROM sample_history), now()
  FROM generate_series(0, %(vendors)s - 1) AS vendor;

-- name: add_items
INSERT INTO inventory_items (user_id, id, name, category, base_unit, current_quantity, last_purchase_price, last_purchase_date,
                             last_base_unit_price, last_vendor_id, last_posting_sequence, last_invoice_id, last_line_number, created_at)
SELECT %(user_id)s, pg_temp.id_of(%(tenant)s, 2, item.place), item.description, item.category, item.base_unit,
       coalesce(stock.quantity, 0), last.price, last.invoice_date, invoicedb_quotient(last.price, last.base_quantity),
       pg_temp.id_of(%(tenant)s, 1, last.vendor), last.sequence, pg_temp.id_of(%(tenant)s, 3 + last.vendor, last.sequence),
       last.line_number, now()
  FROM sample_items AS item
  LEFT JOIN (SELECT place, sum(quantity_change) AS quantity FROM sample_history GROUP BY place) AS stock USING (place)
  LEFT JOIN (SELECT DISTINCT ON (place) * FROM sample_history ORDER BY place, sequence DESC) AS last USING (place)
 WHERE item.place <= %(items)s
 ORDER BY item.place;

-- name: add_mappings
INSERT INTO vendor_item_mappings (user_id, vendor_id, item_key, pack_key, inventory_item_id, base_quantity, item_number, description,
                                  pack_size, accepted_readings, match_method, review_state, created_at)
SELECT %(user_id)s, pg_temp.id_of(%(tenant)s, 1, vendor), 'n:' || item_number, pack_key, pg_temp.id_of(%(tenant)s, 2, place),
       base_quantity, item_number, description, pack_size, ARRAY[reading], 'new', 'none', now()
  FROM sample_items WHERE place <= %(items)s ORDER BY place;

-- name: add_match_keys
INSERT INTO item_match_keys (match_key, user_id, inventory_item_id)
SELECT ('x' || encode(substring(item.keys FROM nth * 8 + 1 FOR 8), 'hex'))::bit(64)::bigint AS match_key, %(user_id)s,
       pg_temp.id_of(%(tenant)s, 2, item.place)
  FROM (SELECT place, decode(keys, 'base64') AS keys FROM sample_items WHERE place <= %(items)s) AS item
 CROSS JOIN LATERAL generate_series(0, length(item.keys) / 8 - 1) AS nth
 ORDER BY 1;

-- name: add_invoices
INSERT INTO invoices (user_id, id, vendor_id, document_type, status, invoice_number, number_key, invoice_date, currency, total, line_count,
                      posting_sequence, sending, generation, content_hash, created_at)
SELECT %(user_id)s, pg_temp.id_of(%(tenant)s, 3 + vendor, sequence), pg_temp.id_of(%(tenant)s, 1, vendor), 'invoice', 'success',
       'H-' || sequence, 'H-' || sequence, invoice_date, 'USD', sum(line_total), count(*), sequence, 1, 0, md5('H-' || sequence), now()
  FROM sample_history WHERE place <= %(items)s GROUP BY vendor, sequence, invoice_date ORDER BY sequence;

-- name: add_lines
INSERT INTO invoice_lines (user_id, invoice_id, sending, line_number, item_number, description, pack_size, category, quantity, unit_price,
                           line_total, cost_total, item_key, pack_key, inventory_item_id, base_quantity, match_method)
SELECT %(user_id)s, pg_temp.id_of(%(tenant)s, 3 + vendor, sequence), 1, line_number, item_number, description, pack_size, category, quantity,
       price, line_total, line_total, 'n:' || item_number, pack_key, pg_temp.id_of(%(tenant)s, 2, place), base_quantity, 'exact'
  FROM sample_history WHERE place <= %(items)s ORDER BY sequence, vendor, line_number;

-- name: add_movements
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
SELECT %(user_id)s, pg_temp.id_of(%(tenant)s, 3 + vendor, sequence), line_number, pg_temp.id_of(%(tenant)s, 2, place), 'purchase', 'invoice',
       quantity_change, invoicedb_quotient(line_total, quantity_change), line_total, invoice_date
  FROM sample_history WHERE place <= %(items)s ORDER BY sequence, vendor, line_number;

-- name: add_prices
INSERT INTO price_history (user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence, unit_price,
                           pack_size, base_quantity, base_unit_price, currency, previous_price, price_change_percent, is_price_increase)
SELECT %(user_id)s, pg_temp.id_of(%(tenant)s, 3 + vendor, sequence), line_number, pg_temp.id_of(%(tenant)s, 2, place),
       pg_temp.id_of(%(tenant)s, 1, vendor), invoice_date, sequence, price, pack_size, base_quantity,
       invoicedb_quotient(price, base_quantity), 'USD', round(price_before, 10), invoicedb_percent(price_before, price),
       price > price_before
  FROM sample_history WHERE place <= %(items)s ORDER BY sequence, vendor, line_number;

-- name: vacuum_analyze
VACUUM (ANALYZE);

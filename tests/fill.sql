-- A tenant's catalog and history, by sets: vendors 1 to 50, items, invoices of ten lines. Values are parameters.
INSERT INTO vendors (user_id, id, name, normalized_name, posting_sequence, created_at)
SELECT %(user_id)s, ('00000000-0000-7000-8000-' || lpad(to_hex(v), 12, '0'))::uuid, 'Vendor ' || v, 'vendor ' || v, 100000, now()
  FROM generate_series(1, 50) AS v;
INSERT INTO inventory_items (user_id, id, name, base_unit, current_quantity, created_at)
SELECT %(user_id)s, ('00000000-0000-7000-9000-' || lpad(to_hex(i), 12, '0'))::uuid, 'ITEM ' || i, 'g', 0, now()
  FROM generate_series(1, %(items)s) AS i;
INSERT INTO item_match_keys SELECT i * 7 + k, %(user_id)s, ('00000000-0000-7000-9000-' || lpad(to_hex(i), 12, '0'))::uuid
  FROM generate_series(1, %(items)s) AS i, generate_series(0, 6) AS k;
INSERT INTO vendor_item_mappings (user_id, vendor_id, item_key, pack_key, inventory_item_id, base_quantity, description,
                                  accepted_readings, match_method, review_state, created_at)
SELECT %(user_id)s, ('00000000-0000-7000-8000-' || lpad(to_hex(i %% 50 + 1), 12, '0'))::uuid, 'n:N' || i, '6/5LB',
       ('00000000-0000-7000-9000-' || lpad(to_hex(i), 12, '0'))::uuid, 13607.7711, 'ITEM ' || i, ARRAY['ITEM ' || i], 'new', 'none', now()
  FROM generate_series(1, %(items)s) AS i;
INSERT INTO invoices (user_id, id, vendor_id, document_type, status, invoice_number, number_key, invoice_date, total, line_count,
                      posting_sequence, sending, generation, content_hash, created_at)
SELECT %(user_id)s, ('00000000-0000-7000-a000-' || lpad(to_hex(d), 12, '0'))::uuid,
       ('00000000-0000-7000-8000-' || lpad(to_hex(d %% 50 + 1), 12, '0'))::uuid, 'invoice', 'success', d, d,
       date '2025-01-01' + d %% 300, 100, 10, d, 1, 0, '', now()
  FROM generate_series(1, %(invoices)s) AS d;
INSERT INTO invoice_lines (user_id, invoice_id, line_number, sending, description, quantity, unit_price, line_total, cost_total, item_key, pack_key,
                           inventory_item_id, base_quantity, match_method)
SELECT %(user_id)s, ('00000000-0000-7000-a000-' || lpad(to_hex(d), 12, '0'))::uuid, l, 1, '', 1, 10, 10, 10, 'n:1', '',
       ('00000000-0000-7000-9000-' || lpad(to_hex((d * 10 + l) %% %(items)s + 1), 12, '0'))::uuid, 1, 'exact'
  FROM generate_series(1, %(invoices)s) AS d, generate_series(1, 10) AS l;
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
SELECT user_id, invoice_id, line_number, inventory_item_id, 'purchase', 'invoice', 1, 10, 10, '2025-01-01' FROM invoice_lines;
INSERT INTO price_history (user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence, unit_price,
                           base_quantity, base_unit_price)
SELECT line.user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence, 10, 1, 10
  FROM invoice_lines AS line JOIN invoices AS invoice ON invoice.id = line.invoice_id;

INSERT INTO abbreviations (user_id, abbreviation, expansion)
SELECT CASE WHEN t = 1 THEN %(user_id)s ELSE ('00000000-0000-7000-a000-' || lpad(to_hex(t), 12, '0'))::uuid END, 'A' || i, 'WORD'
  FROM generate_series(1, 5) AS t CROSS JOIN generate_series(1, 200) AS i;

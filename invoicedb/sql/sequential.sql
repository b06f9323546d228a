-- The reference: one row at a time, as plain as can be. Nothing here is shared with the booking of the flights.

-- name: sequential_tenant
-- Row-level security, where a database has it, filters on this.
SELECT set_config('invoicedb.user_id', %(user_id)s::text, true);

-- ---- looking up ----

-- name: sequential_catalog
-- Locked where it is there: nobody else plans or maps meanwhile.
SELECT version FROM catalogs WHERE user_id = %(user_id)s FOR UPDATE;

-- name: sequential_locked
SELECT locked_before FROM catalogs WHERE user_id = %(user_id)s AND locked_before > %(invoice_date)s;

-- name: sequential_vendor
-- Of a merged name, the vendor that it was merged into.
SELECT coalesce(merged_into_id, id), id FROM vendors
 WHERE normalized_name = %(vendor_key)s AND user_id = %(user_id)s FOR NO KEY UPDATE;

-- name: sequential_invoice
SELECT invoice.id, invoice.vendor_id, vendor.normalized_name, invoice.status, invoice.invoice_number, invoice.invoice_date,
       invoice.currency, invoice.posting_sequence, invoice.sending, invoice.generation, invoice.content_hash,
       invoice.voided_at IS NOT NULL
  FROM invoices AS invoice
  JOIN vendors AS vendor ON vendor.id = coalesce(invoice.named_vendor_id, invoice.vendor_id) AND vendor.user_id = invoice.user_id
 WHERE invoice.id = %(invoice_id)s AND invoice.user_id = %(user_id)s;

-- name: sequential_invoice_of_number
SELECT id FROM invoices
 WHERE number_key = %(number_key)s AND vendor_id = %(vendor_id)s AND user_id = %(user_id)s AND voided_at IS NULL;

-- name: sequential_booked_lines
-- With the movement that stands for a line: its own, or that of the last correction.
SELECT line.line_number, line.item_number, line.description, line.pack_size, line.category, line.quantity, line.unit_price,
       line.line_total, line.inventory_item_id, item.name, item.base_unit, line.base_quantity, line.match_method, line.match_score,
       line.match_reasons,
       movement.quantity_change, movement.unit_cost, movement.total_cost, price.previous_price, price.price_change_percent,
       price.is_price_increase, line.error_type, line.error, line.kind, line.corrected_price, line.ordered_quantity, line.ordered_pack_size
  FROM invoice_lines AS line
  LEFT JOIN inventory_items AS item ON item.id = line.inventory_item_id AND item.user_id = line.user_id
  LEFT JOIN LATERAL (
    SELECT booked.quantity_change, booked.unit_cost, booked.total_cost
      FROM (SELECT * FROM inventory_transactions
             WHERE reference_id = line.invoice_id AND line_number = line.line_number AND user_id = line.user_id
            UNION ALL
            SELECT * FROM inventory_transactions
             WHERE of_invoice_id = line.invoice_id AND of_line_number = line.line_number AND user_id = line.user_id) AS booked
     WHERE NOT EXISTS (SELECT FROM inventory_transactions
                        WHERE reverses_reference_id = booked.reference_id AND reverses_line_number = booked.line_number
                          AND user_id = booked.user_id)) AS movement ON true
  LEFT JOIN price_history AS price
         ON price.invoice_id = line.invoice_id AND price.line_number = line.line_number AND price.user_id = line.user_id
 WHERE line.invoice_id = %(invoice_id)s AND line.user_id = %(user_id)s
 ORDER BY line.line_number;

-- name: sequential_near_duplicate
SELECT id FROM invoices
 WHERE vendor_id = %(vendor_id)s AND invoice_date = %(invoice_date)s AND total = %(total)s AND line_count = %(line_count)s
   AND user_id = %(user_id)s AND id <> %(invoice_id)s AND document_type = %(document_type)s AND voided_at IS NULL AND status <> 'failed'
   AND total <> 0
 ORDER BY id LIMIT 1;

-- ---- one line: what it is ----

-- name: sequential_mapping
SELECT inventory_item_id, base_quantity, review_state, match_reasons, accepted_readings, pending_readings
  FROM vendor_item_mappings
 WHERE vendor_id = %(vendor_id)s AND item_key = %(item_key)s AND pack_key = %(pack_key)s AND user_id = %(user_id)s;

-- name: sequential_mappings_of_key
-- The same item number in whatever pack, the line's own first.
SELECT mapping.item_key, mapping.pack_key, mapping.inventory_item_id, mapping.base_quantity, mapping.pack_size, mapping.description,
       mapping.accepted_readings, mapping.pending_readings, mapping.review_state, mapping.rejected_item_ids, item.name, item.base_unit,
       item.conversions
  FROM vendor_item_mappings AS mapping
  JOIN inventory_items AS item ON item.id = mapping.inventory_item_id AND item.user_id = mapping.user_id
 WHERE mapping.vendor_id = %(vendor_id)s AND mapping.item_key = %(item_key)s AND mapping.user_id = %(user_id)s
 ORDER BY mapping.pack_key <> %(pack_key)s, mapping.pack_key LIMIT 100;

-- name: sequential_candidates
-- The 20 items that share most of the line's match keys, of each key the 64 with the lowest ids.
SELECT found.inventory_item_id, count(*) AS hits
  FROM unnest(%(match_keys)s::bigint[]) AS key (match_key)
 CROSS JOIN LATERAL (SELECT inventory_item_id FROM item_match_keys
                      WHERE match_key = key.match_key AND user_id = %(user_id)s
                      ORDER BY inventory_item_id LIMIT 64) AS found
 GROUP BY found.inventory_item_id ORDER BY hits DESC, found.inventory_item_id LIMIT 20;

-- name: sequential_item
SELECT name, base_unit, conversions FROM inventory_items
 WHERE id = %(item_id)s AND user_id = %(user_id)s AND merged_into_id IS NULL;

-- name: sequential_mappings_of_item
-- This vendor's first.
SELECT accepted_readings, pack_size, item_key, review_state = 'pending', vendor_id IS NOT DISTINCT FROM %(vendor_id)s::uuid
  FROM vendor_item_mappings
 WHERE inventory_item_id = %(item_id)s AND user_id = %(user_id)s AND review_state <> 'rejected'
 ORDER BY vendor_id IS DISTINCT FROM %(vendor_id)s::uuid, vendor_id, item_key, pack_key LIMIT 50;

-- name: sequential_rules
SELECT fuzzy_auto, fuzzy_review, never_create, review_everything FROM catalogs WHERE user_id = %(user_id)s;

-- name: sequential_abbreviations
SELECT abbreviation, expansion FROM abbreviations WHERE user_id = %(user_id)s ORDER BY abbreviation;

-- ---- one line: what the catalog learns from it ----

-- name: sequential_raise_catalog
INSERT INTO catalogs (user_id, version) VALUES (%(user_id)s, 1) ON CONFLICT (user_id) DO UPDATE SET version = catalogs.version + 1;

-- name: sequential_add_item
INSERT INTO inventory_items (id, user_id, name, category, base_unit, current_quantity, created_at)
VALUES (%(item_id)s, %(user_id)s, %(name)s, %(category)s, %(base_unit)s, 0, %(now)s);

-- name: sequential_add_match_keys
INSERT INTO item_match_keys (match_key, user_id, inventory_item_id)
SELECT match_key, %(user_id)s, %(item_id)s FROM unnest(%(match_keys)s::bigint[]) AS key (match_key)
ON CONFLICT DO NOTHING;

-- name: sequential_add_mapping
INSERT INTO vendor_item_mappings (vendor_id, item_key, pack_key, user_id, inventory_item_id, base_quantity, item_number, description,
                                  pack_size, accepted_readings, match_method, match_score, match_reasons, runner_up_item_id,
                                  runner_up_score, review_state, rejected_item_ids, created_by_invoice_id, created_by_line_number, created_at)
VALUES (%(vendor_id)s, %(item_key)s, %(pack_key)s, %(user_id)s, %(item_id)s, %(base_quantity)s, %(item_number)s, %(description)s,
        %(pack_size)s, ARRAY[%(reading)s::text], %(match_method)s, %(match_score)s, %(match_reasons)s, %(runner_up_item_id)s,
        %(runner_up_score)s, %(review_state)s, %(rejected_item_ids)s, %(invoice_id)s, %(line_number)s, %(now)s);

-- name: sequential_drop_rejected_mapping
DELETE FROM vendor_item_mappings
 WHERE vendor_id = %(vendor_id)s AND item_key = %(item_key)s AND pack_key = %(pack_key)s AND user_id = %(user_id)s
   AND review_state = 'rejected'
RETURNING array_append(rejected_item_ids, inventory_item_id);

-- name: sequential_add_readings
UPDATE vendor_item_mappings
   SET accepted_readings = accepted_readings || %(accepted)s::text[], pending_readings = pending_readings || %(pending)s::text[]
 WHERE vendor_id = %(vendor_id)s AND item_key = %(item_key)s AND pack_key = %(pack_key)s AND user_id = %(user_id)s;

-- ---- a credit memo ----

-- name: sequential_stored_corrected
SELECT corrects_id FROM invoices WHERE id = %(invoice_id)s AND user_id = %(user_id)s;

-- name: sequential_corrected_by_id
SELECT id FROM invoices
 WHERE id = %(corrects_id)s::uuid AND vendor_id = %(vendor_id)s AND user_id = %(user_id)s AND document_type = 'invoice'
   AND currency IS NOT DISTINCT FROM %(currency)s AND voided_at IS NULL;

-- name: sequential_corrected_by_number
SELECT id FROM invoices
 WHERE number_key = %(corrects_key)s::text AND vendor_id = %(vendor_id)s AND user_id = %(user_id)s AND document_type = 'invoice'
   AND currency IS NOT DISTINCT FROM %(currency)s AND voided_at IS NULL;

-- name: sequential_left
-- What is left of an item in the corrected invoice and the other memos that correct it, what it cost, and how much of it lines of this
-- sending before have taken: of the very pack, of the item number, or of the item.
SELECT coalesce(sum(line.quantity * line.base_quantity) FILTER (WHERE line.kind = 'item' AND NOT line.is_own), 0),
       coalesce(sum(line.cost_total) FILTER (WHERE NOT line.is_own), 0),
       coalesce(sum(line.quantity * line.base_quantity) FILTER (WHERE line.kind = 'item' AND line.is_own), 0)
  FROM (SELECT line.*, line.invoice_id = %(invoice_id)s AND line.sending = %(sending)s AS is_own
          FROM invoice_lines AS line
          JOIN invoices AS document ON document.id = line.invoice_id AND document.user_id = line.user_id
         WHERE line.inventory_item_id = %(item_id)s AND line.user_id = %(user_id)s
           AND (document.id IN (%(invoice_id)s, %(corrected_id)s::uuid)
                OR document.corrects_id = %(corrected_id)s::uuid AND document.document_type = 'credit_memo' AND document.voided_at IS NULL)
           AND (%(of)s = 'item' OR line.item_key = %(item_key)s) AND (%(of)s <> 'pack' OR line.pack_key = %(pack_key)s)) AS line;

-- name: sequential_taken_off
-- By earlier lines of the same memo, a pack.
SELECT coalesce(sum(unit_price), 0) FROM invoice_lines
 WHERE invoice_id = %(invoice_id)s AND user_id = %(user_id)s AND inventory_item_id = %(item_id)s AND base_quantity = %(base_quantity)s
   AND kind = 'price_correction' AND (sending, line_number) < (%(sending)s, %(line_number)s);

-- name: sequential_corrects_of
SELECT corrects_id FROM invoices WHERE id = %(other_id)s AND user_id = %(user_id)s;

-- name: sequential_last_price
-- Of the vendor's, before the credit memo.
SELECT invoice_id, line_number, unit_price, base_quantity FROM price_history
 WHERE inventory_item_id = %(item_id)s AND vendor_id = %(vendor_id)s AND user_id = %(user_id)s AND voided_at IS NULL
   AND currency IS NOT DISTINCT FROM %(currency)s AND invoice_id <> %(invoice_id)s
   AND (invoice_date, posting_sequence, invoice_id, line_number)
       < (%(invoice_date)s, %(posting_sequence)s, %(invoice_id)s, %(line_number)s)
 ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1;

-- name: sequential_returned_items
SELECT item.id, item.name, item.base_unit FROM inventory_items AS item
 WHERE item.user_id = %(user_id)s
   AND item.id IN (SELECT inventory_item_id FROM invoice_lines
                    WHERE invoice_id = %(invoice_id)s AND sending = %(sending)s AND user_id = %(user_id)s AND kind = 'item' AND quantity < 0)
 ORDER BY item.name, item.id;

-- name: sequential_excess_in_stock
SELECT trim_scale(-current_quantity), NULL::uuid FROM inventory_items
 WHERE id = %(item_id)s AND user_id = %(user_id)s AND current_quantity < 0;

-- name: sequential_excess_of_invoice
SELECT trim_scale(-sum(line.quantity * line.base_quantity)), %(corrected_id)s::uuid
  FROM invoice_lines AS line
  JOIN invoices AS document ON document.id = line.invoice_id AND document.user_id = line.user_id
 WHERE line.inventory_item_id = %(item_id)s AND line.user_id = %(user_id)s AND line.kind = 'item'
   AND (document.id = %(corrected_id)s::uuid
        OR document.corrects_id = %(corrected_id)s::uuid AND document.document_type = 'credit_memo' AND document.voided_at IS NULL)
HAVING sum(line.quantity * line.base_quantity) < 0;

-- ---- the header ----

-- name: sequential_add_vendor
INSERT INTO vendors (id, user_id, name, normalized_name, posting_sequence, created_at)
VALUES (%(vendor_id)s, %(user_id)s, %(vendor_name)s, %(vendor_key)s, 0, %(now)s);

-- name: sequential_add_invoice
-- Failed until a line is booked.
INSERT INTO invoices (id, user_id, vendor_id, document_type, status, invoice_number, number_key, invoice_date, currency, total,
                      line_count, posting_sequence, sending, generation, content_hash, created_at, corrects_id, named_vendor_id)
VALUES (%(invoice_id)s, %(user_id)s, %(vendor_id)s, %(document_type)s, 'failed', %(invoice_number)s, %(number_key)s, %(invoice_date)s,
        %(currency)s, 0, %(line_count)s, NULL, 1, %(generation)s, %(content_hash)s, %(now)s, %(corrected_id)s,
        nullif(%(named_vendor_id)s::uuid, %(vendor_id)s));

-- name: sequential_raise_posting_sequence
UPDATE vendors SET posting_sequence = posting_sequence + 1 WHERE id = %(vendor_id)s AND user_id = %(user_id)s
RETURNING posting_sequence;

-- name: sequential_close_invoice
UPDATE invoices
   SET status = %(status)s, total = %(total)s, posting_sequence = %(posting_sequence)s, sending = %(sending)s,
       content_hash = %(content_hash)s
 WHERE id = %(invoice_id)s AND user_id = %(user_id)s;

-- ---- one line: booked, or failed ----

-- name: sequential_drop_failed_line
DELETE FROM invoice_lines
 WHERE invoice_id = %(invoice_id)s AND line_number = %(line_number)s AND user_id = %(user_id)s AND error_type IS NOT NULL;

-- name: sequential_add_failed_line
INSERT INTO invoice_lines (invoice_id, line_number, user_id, sending, kind, item_number, description, pack_size, share, error_type,
                           error, as_sent)
VALUES (%(invoice_id)s, %(line_number)s, %(user_id)s, %(sending)s, %(kind)s, %(item_number)s, %(description)s, %(pack_size)s, %(share)s,
        %(error_type)s, %(error)s, %(as_sent)s::jsonb);

-- name: sequential_add_charge
INSERT INTO invoice_lines (invoice_id, line_number, user_id, sending, kind, item_number, description, category, quantity, unit_price,
                           line_total)
VALUES (%(invoice_id)s, %(line_number)s, %(user_id)s, %(sending)s, %(kind)s, %(item_number)s, %(description)s, %(category)s, %(quantity)s,
        %(unit_price)s, %(line_total)s);

-- name: sequential_add_line
INSERT INTO invoice_lines (invoice_id, line_number, user_id, sending, item_number, description, pack_size, category, quantity,
                           unit_price, line_total, item_key, pack_key, inventory_item_id, base_quantity, match_method, match_score,
                           match_reasons, kind, share, cost_total, corrected_price, ordered_quantity, ordered_pack_size)
VALUES (%(invoice_id)s, %(line_number)s, %(user_id)s, %(sending)s, %(item_number)s, %(description)s, %(pack_size)s, %(category)s,
        %(quantity)s, %(unit_price)s, %(line_total)s, %(item_key)s, %(pack_key)s, %(item_id)s, %(base_quantity)s, %(match_method)s,
        %(match_score)s, %(match_reasons)s, %(kind)s, %(share)s, %(cost_total)s, %(corrected_price)s, %(ordered_quantity)s,
        %(ordered_pack_size)s);

-- name: sequential_add_movement
INSERT INTO inventory_transactions (reference_id, line_number, user_id, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
VALUES (%(invoice_id)s, %(line_number)s, %(user_id)s, %(item_id)s, %(transaction_type)s, %(document_type)s, %(quantity_change)s,
        %(unit_cost)s, %(cost_total)s, %(invoice_date)s);

-- name: sequential_predecessor
SELECT invoice_id, line_number, unit_price, base_quantity FROM price_history
 WHERE inventory_item_id = %(item_id)s AND vendor_id = %(vendor_id)s AND user_id = %(user_id)s AND voided_at IS NULL
   AND currency IS NOT DISTINCT FROM %(currency)s
   AND (invoice_date, posting_sequence, invoice_id, line_number)
       < (%(invoice_date)s, %(posting_sequence)s, %(invoice_id)s, %(line_number)s)
 ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1;

-- name: sequential_successor
SELECT invoice_id, line_number, unit_price, base_quantity FROM price_history
 WHERE inventory_item_id = %(item_id)s AND vendor_id = %(vendor_id)s AND user_id = %(user_id)s AND voided_at IS NULL
   AND currency IS NOT DISTINCT FROM %(currency)s
   AND (invoice_date, posting_sequence, invoice_id, line_number)
       > (%(invoice_date)s, %(posting_sequence)s, %(invoice_id)s, %(line_number)s)
 ORDER BY invoice_date, posting_sequence, invoice_id, line_number LIMIT 1;

-- name: sequential_add_price
INSERT INTO price_history (invoice_id, line_number, user_id, inventory_item_id, vendor_id, invoice_date, posting_sequence, unit_price,
                           pack_size, base_quantity, base_unit_price, currency, previous_price, price_change_percent,
                           is_price_increase)
VALUES (%(invoice_id)s, %(line_number)s, %(user_id)s, %(item_id)s, %(vendor_id)s, %(invoice_date)s, %(posting_sequence)s,
        %(unit_price)s, %(pack_size)s, %(base_quantity)s, %(base_unit_price)s, %(currency)s, %(previous_price)s,
        %(price_change_percent)s, %(is_price_increase)s);

-- name: sequential_mend_price
UPDATE price_history
   SET previous_price = %(previous_price)s, price_change_percent = %(price_change_percent)s, is_price_increase = %(is_price_increase)s
 WHERE invoice_id = %(next_invoice_id)s AND line_number = %(next_line_number)s AND user_id = %(user_id)s;

-- name: sequential_raise_stock
UPDATE inventory_items SET current_quantity = current_quantity + %(quantity_change)s WHERE id = %(item_id)s AND user_id = %(user_id)s;

-- name: sequential_set_last_purchase
-- If this line is later than the one that the item remembers.
UPDATE inventory_items
   SET last_purchase_price = %(unit_price)s, last_base_unit_price = %(base_unit_price)s, last_purchase_date = %(invoice_date)s,
       last_vendor_id = %(vendor_id)s, last_posting_sequence = %(posting_sequence)s, last_invoice_id = %(invoice_id)s,
       last_line_number = %(line_number)s
 WHERE id = %(item_id)s AND user_id = %(user_id)s
   AND (last_purchase_date IS NULL
        OR (last_purchase_date, last_vendor_id, last_posting_sequence, last_invoice_id, last_line_number)
           < (%(invoice_date)s, %(vendor_id)s, %(posting_sequence)s, %(invoice_id)s, %(line_number)s));

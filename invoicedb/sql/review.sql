-- Review: what was matched is decided by a person, and what is booked follows. Locks in the booking's order: catalog, vendor, items by id.

-- name: review_queue
-- Oldest first. A runner-up that was merged into another item is none. The lines that stand on a mapping are counted among the first 1,000 prices of its item by its vendor.
SELECT mapping.vendor_id, vendor.name AS vendor_name, mapping.item_key, mapping.pack_key, mapping.item_number, mapping.description,
       mapping.pack_size, mapping.inventory_item_id, item.name AS item_name, item.base_unit, mapping.base_quantity AS pack_quantity,
       mapping.match_method, mapping.match_score, mapping.match_reasons, runner_up.id AS runner_up_item_id, runner_up.name AS runner_up_name,
       CASE WHEN runner_up.id IS NOT NULL THEN mapping.runner_up_score END AS runner_up_score, mapping.review_state,
       mapping.accepted_readings, mapping.pending_readings, mapping.rejected_item_ids, mapping.decided_by, mapping.decided_at,
       mapping.decision_reason, booked.lines AS booked_lines, mapping.created_at, booked.total AS booked_total,
       booked.currency AS booked_currency
  FROM (SELECT * FROM vendor_item_mappings
         WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND (review_state = 'pending' OR pending_readings <> '{}')
           AND (created_at, vendor_id::text, item_key, pack_key)
               > (%(after_time)s, %(after_vendor)s::text, %(after_item_key)s::text, %(after_pack_key)s::text)
         ORDER BY user_id::text, created_at, vendor_id::text, item_key, pack_key LIMIT %(limit)s) AS mapping
 CROSS JOIN LATERAL (SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = mapping.vendor_id LIMIT 1) AS vendor
 CROSS JOIN LATERAL (SELECT name, base_unit FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = mapping.inventory_item_id LIMIT 1) AS item
  LEFT JOIN LATERAL (SELECT id, name FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = mapping.runner_up_item_id AND merged_into_id IS NULL LIMIT 1) AS runner_up ON true
 CROSS JOIN LATERAL (
   SELECT count(*) AS lines, CASE WHEN count(DISTINCT coalesce(price.currency, '')) < 2 THEN coalesce(sum(line.line_total), 0) END AS total,
          CASE WHEN count(DISTINCT coalesce(price.currency, '')) < 2 THEN max(price.currency) END AS currency
     FROM (SELECT invoice_id, line_number, currency FROM price_history
            WHERE user_id = %(user_id)s AND inventory_item_id = mapping.inventory_item_id AND vendor_id = mapping.vendor_id
              AND voided_at IS NULL LIMIT 1000) AS price
    CROSS JOIN LATERAL (SELECT item_key, pack_key, line_total FROM invoice_lines
                         WHERE user_id = %(user_id)s AND invoice_id = price.invoice_id AND line_number = price.line_number LIMIT 1) AS line
    WHERE line.item_key = mapping.item_key AND line.pack_key = mapping.pack_key) AS booked
 ORDER BY mapping.created_at, mapping.vendor_id::text, mapping.item_key, mapping.pack_key;

-- name: find_mapping_case
-- The same of one mapping, decided or not.
SELECT mapping.vendor_id, vendor.name AS vendor_name, mapping.item_key, mapping.pack_key, mapping.item_number, mapping.description,
       mapping.pack_size, mapping.inventory_item_id, item.name AS item_name, item.base_unit, mapping.base_quantity AS pack_quantity,
       mapping.match_method, mapping.match_score, mapping.match_reasons, runner_up.id AS runner_up_item_id, runner_up.name AS runner_up_name,
       CASE WHEN runner_up.id IS NOT NULL THEN mapping.runner_up_score END AS runner_up_score, mapping.review_state,
       mapping.accepted_readings, mapping.pending_readings, mapping.rejected_item_ids, mapping.decided_by, mapping.decided_at,
       mapping.decision_reason, booked.lines AS booked_lines, mapping.created_at, booked.total AS booked_total,
       booked.currency AS booked_currency
  FROM (SELECT * FROM vendor_item_mappings
         WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s AND item_key = %(item_key)s AND pack_key = %(pack_key)s
         LIMIT 1) AS mapping
 CROSS JOIN LATERAL (SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = mapping.vendor_id LIMIT 1) AS vendor
 CROSS JOIN LATERAL (SELECT name, base_unit FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = mapping.inventory_item_id LIMIT 1) AS item
  LEFT JOIN LATERAL (SELECT id, name FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = mapping.runner_up_item_id AND merged_into_id IS NULL LIMIT 1) AS runner_up ON true
 CROSS JOIN LATERAL (
   SELECT count(*) AS lines, CASE WHEN count(DISTINCT coalesce(price.currency, '')) < 2 THEN coalesce(sum(line.line_total), 0) END AS total,
          CASE WHEN count(DISTINCT coalesce(price.currency, '')) < 2 THEN max(price.currency) END AS currency
     FROM (SELECT invoice_id, line_number, currency FROM price_history
            WHERE user_id = %(user_id)s AND inventory_item_id = mapping.inventory_item_id AND vendor_id = mapping.vendor_id
              AND voided_at IS NULL LIMIT 1000) AS price
    CROSS JOIN LATERAL (SELECT item_key, pack_key, line_total FROM invoice_lines
                         WHERE user_id = %(user_id)s AND invoice_id = price.invoice_id AND line_number = price.line_number LIMIT 1) AS line
    WHERE line.item_key = mapping.item_key AND line.pack_key = mapping.pack_key) AS booked;

-- name: find_key_of_line
-- What the mapping of an invoice's line is found by.
SELECT invoice.vendor_id, line.item_key, line.pack_key
  FROM (SELECT vendor_id FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS invoice
 CROSS JOIN LATERAL (SELECT item_key, pack_key FROM invoice_lines
                      WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s AND line_number = %(line_number)s
                        AND inventory_item_id IS NOT NULL LIMIT 1) AS line;

-- name: look_up_decision
-- What a decision is planned by: the catalog's version, whether the item number is known in a pack, how the mapping's item is told in
-- units, and the item that is meant instead.
SELECT coalesce(catalog.version, 0) AS catalog_version, packed.found IS NOT NULL AS is_packed,
       coalesce(present.conversions, '{}') AS conversions, meant.id AS meant_id, meant.base_unit AS meant_unit,
       meant.conversions AS meant_conversions, meant.name AS meant_name, meant.merged_into_id AS meant_merged_into_id
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (SELECT version FROM catalogs WHERE user_id = %(user_id)s LIMIT 1) AS catalog ON true
  LEFT JOIN LATERAL (SELECT inventory_item_id FROM vendor_item_mappings
                      WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s AND item_key = %(item_key)s AND pack_key = %(pack_key)s
                      LIMIT 1) AS mapping ON true
  LEFT JOIN LATERAL (SELECT true AS found FROM vendor_item_mappings
                      WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s AND item_key = %(item_key)s AND pack_size IS NOT NULL
                      LIMIT 1) AS packed ON true
  LEFT JOIN LATERAL (SELECT conversions FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = mapping.inventory_item_id LIMIT 1) AS present ON true
  LEFT JOIN LATERAL (SELECT id, base_unit, conversions, name, merged_into_id FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = %(item_id)s LIMIT 1) AS meant ON true;

-- name: decide_mapping
-- What was seen is accepted. An item that it was before is one that it is not.
UPDATE vendor_item_mappings
   SET inventory_item_id = %(item_id)s, base_quantity = %(base_quantity)s, review_state = 'approved',
       accepted_readings = accepted_readings || pending_readings, pending_readings = '{}',
       rejected_item_ids = CASE WHEN inventory_item_id = %(item_id)s THEN rejected_item_ids
                                ELSE array_append(array_remove(rejected_item_ids, %(item_id)s), inventory_item_id) END,
       decided_by = %(made_by)s, decided_at = %(now)s, decision_reason = %(reason)s
 WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s AND item_key = %(item_key)s AND pack_key = %(pack_key)s;

-- name: lock_vendor_of_mapping
-- The correction takes its place in the vendor's order; until it commits, no invoice of the vendor's is mapped by what it changes.
UPDATE vendors SET posting_sequence = posting_sequence + 1 WHERE user_id = %(user_id)s AND id = %(vendor_id)s;

-- name: lock_items_of_decision
SELECT item.id, invoicedb_require(item.merged_into_id IS NULL, 'IV002', 'an item was merged into another meanwhile')
  FROM (SELECT id FROM unnest(ARRAY[%(from_item_id)s, %(item_id)s]::uuid[]) AS id ORDER BY id) AS wanted
 CROSS JOIN LATERAL (SELECT id, merged_into_id FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = wanted.id FOR NO KEY UPDATE) AS item;

-- name: move_lines
-- Of the movements of an item that stand: each that is no reversal and not reversed stands for a line, its document's or the one that
-- its correction names. A line moves where its mapping now is the other item, and what is mapped to neither where `others` names it;
-- NULL names all there is. What a pack holds is converted by the ratio of the items' units, or is told by the mapping.
-- user_id comes from the source, not as a constant: the plan can only start there, whatever the statistics say.
UPDATE invoice_lines AS line SET inventory_item_id = %(item_id)s, base_quantity = standing.base_quantity
  FROM (SELECT movement.user_id, movement.invoice_id, movement.invoice_line_number,
               coalesce(invoicedb_converted(line.base_quantity, %(numerator)s::numeric, %(denominator)s::numeric),
                        CASE WHEN mapping.inventory_item_id = %(item_id)s THEN mapping.base_quantity END) AS base_quantity
          FROM (SELECT user_id, reference_id, line_number, coalesce(of_invoice_id, reference_id) AS invoice_id,
                       coalesce(of_line_number, line_number) AS invoice_line_number
                  FROM inventory_transactions
                 WHERE user_id = %(user_id)s AND inventory_item_id = %(from_item_id)s AND transaction_type <> 'reversal') AS movement
          LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                              WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                                AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
         CROSS JOIN LATERAL (SELECT vendor_id FROM invoices WHERE user_id = %(user_id)s AND id = movement.invoice_id LIMIT 1) AS invoice
         CROSS JOIN LATERAL (SELECT item_key, pack_key, base_quantity FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = movement.invoice_id
                                AND line_number = movement.invoice_line_number LIMIT 1) AS line
          LEFT JOIN LATERAL (SELECT inventory_item_id, base_quantity FROM vendor_item_mappings
                              WHERE user_id = %(user_id)s AND vendor_id = invoice.vendor_id AND item_key = line.item_key
                                AND pack_key = line.pack_key LIMIT 1) AS mapping ON true
         WHERE reversal.found IS NULL
           AND (mapping.inventory_item_id = %(item_id)s OR %(others)s::jsonb IS NULL
                OR %(others)s::jsonb @> jsonb_build_array(jsonb_build_array(movement.invoice_id, movement.invoice_line_number)))
        OFFSET 0) AS standing
 WHERE line.user_id = standing.user_id AND line.invoice_id = standing.invoice_id AND line.line_number = standing.invoice_line_number;

-- name: add_correction_movements
-- For each line that has moved, the reversal of the movement that stands for it, and one for the other item in its place; all of it
-- from the line alone. What stands for no line, as stock that was opened with, moves where `others` names it, in the other unit.
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date, reverses_reference_id, reverses_line_number,
                                    of_invoice_id, of_line_number)
SELECT %(user_id)s, %(document_id)s,
       row_number() OVER (ORDER BY standing.transaction_date, standing.posting_sequence, standing.invoice_id, standing.invoice_line_number,
                                   moved.of_invoice_id NULLS FIRST),
       moved.*
  FROM (SELECT movement.*, invoice.posting_sequence, line.quantity, line.base_quantity
          FROM (SELECT *, coalesce(of_invoice_id, reference_id) AS invoice_id, coalesce(of_line_number, line_number) AS invoice_line_number
                  FROM inventory_transactions
                 WHERE user_id = %(user_id)s AND inventory_item_id = %(from_item_id)s AND transaction_type <> 'reversal') AS movement
          LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                              WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                                AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
          LEFT JOIN LATERAL (SELECT posting_sequence FROM invoices WHERE user_id = %(user_id)s AND id = movement.invoice_id LIMIT 1)
                 AS invoice ON true
          LEFT JOIN LATERAL (SELECT true AS found, inventory_item_id, quantity, base_quantity FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = movement.invoice_id
                                AND line_number = movement.invoice_line_number LIMIT 1) AS line ON true
         WHERE reversal.found IS NULL
           AND CASE WHEN line.found THEN line.inventory_item_id = %(item_id)s
                    ELSE %(others)s::jsonb IS NULL
                         OR %(others)s::jsonb @> jsonb_build_array(jsonb_build_array(movement.invoice_id, movement.invoice_line_number))
               END) AS standing
 CROSS JOIN LATERAL (VALUES
   (standing.inventory_item_id, 'reversal', 'correction', -standing.quantity_change, standing.unit_cost, -standing.total_cost,
    standing.transaction_date, standing.reference_id, standing.line_number, NULL::uuid, NULL::integer),
   (%(item_id)s, standing.transaction_type, 'correction',
    coalesce(standing.quantity * standing.base_quantity * (standing.transaction_type <> 'price_correction')::int,
             invoicedb_converted(standing.quantity_change, %(numerator)s::numeric, %(denominator)s::numeric)),
    CASE WHEN standing.quantity IS NULL
         THEN invoicedb_quotient(standing.unit_cost * %(denominator)s::numeric, %(numerator)s::numeric)
         ELSE invoicedb_quotient(standing.total_cost * sign(standing.quantity), abs(standing.quantity) * standing.base_quantity) END,
    standing.total_cost, standing.transaction_date, NULL, NULL, standing.invoice_id, standing.invoice_line_number))
   AS moved (inventory_item_id, transaction_type, reference_type, quantity_change, unit_cost, total_cost, transaction_date,
             reverses_reference_id, reverses_line_number, of_invoice_id, of_line_number);

-- name: add_correction
-- The document of those movements, where there are any. It costs nothing. Of a merge, it is no vendor's.
INSERT INTO invoices (user_id, id, vendor_id, document_type, status, invoice_date, total, line_count, posting_sequence, sending,
                      generation, content_hash, created_at, reason, made_by)
SELECT %(user_id)s, %(document_id)s, vendor.id, 'correction', 'success', %(today)s, 0, moved.count, vendor.posting_sequence, 1, 0, '',
       %(now)s, %(reason)s, %(made_by)s
  FROM (SELECT count(*) AS count FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = %(document_id)s) AS moved
  LEFT JOIN LATERAL (SELECT id, posting_sequence FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS vendor ON true
 WHERE moved.count > 0
RETURNING (SELECT invoicedb_require(strpos(current_setting('invoicedb.rights'), 'override_period_lock') > 0, 'IV007', locked_before::text)
             FROM catalogs WHERE user_id = %(user_id)s
              AND locked_before > (SELECT min(transaction_date) FROM inventory_transactions
                                    WHERE user_id = %(user_id)s AND reference_id = %(document_id)s) LIMIT 1) AS unlocked;

-- name: move_prices
UPDATE price_history AS point
   SET inventory_item_id = %(item_id)s, base_quantity = moved.base_quantity,
       base_unit_price = invoicedb_quotient(point.unit_price, moved.base_quantity)
  FROM (SELECT movement.user_id, movement.of_invoice_id, movement.of_line_number, line.base_quantity
          FROM (SELECT user_id, of_invoice_id, of_line_number FROM inventory_transactions
                 WHERE user_id = %(user_id)s AND reference_id = %(document_id)s AND transaction_type <> 'reversal') AS movement
         CROSS JOIN LATERAL (SELECT base_quantity FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = movement.of_invoice_id
                                AND line_number = movement.of_line_number LIMIT 1) AS line
        OFFSET 0) AS moved
 WHERE point.user_id = moved.user_id AND point.invoice_id = moved.of_invoice_id AND point.line_number = moved.of_line_number;

-- name: mend_chains
-- Of both items and of every vendor whose prices have moved: many points may have left the one and come into the other, so each chain
-- is told anew. Only what differs is written.
UPDATE price_history AS point
   SET previous_price = mended.previous_price, price_change_percent = mended.price_change_percent,
       is_price_increase = mended.is_price_increase
  FROM (SELECT user_id, invoice_id, line_number, invoicedb_quotient(price_before * base_quantity, base_before) AS previous_price,
               invoicedb_percent(price_before * base_quantity, unit_price * base_before) AS price_change_percent,
               unit_price * base_before > price_before * base_quantity AS is_price_increase
          FROM (SELECT price.*, lag(price.unit_price) OVER earlier AS price_before, lag(price.base_quantity) OVER earlier AS base_before
                  FROM (SELECT DISTINCT moved.vendor_id
                          FROM (SELECT of_invoice_id, of_line_number FROM inventory_transactions
                                 WHERE user_id = %(user_id)s AND reference_id = %(document_id)s AND transaction_type <> 'reversal')
                               AS movement
                         CROSS JOIN LATERAL (SELECT vendor_id FROM price_history
                                              WHERE user_id = %(user_id)s AND invoice_id = movement.of_invoice_id
                                                AND line_number = movement.of_line_number LIMIT 1) AS moved) AS vendor
                 CROSS JOIN unnest(ARRAY[%(from_item_id)s, %(item_id)s]::uuid[]) AS item (id)
                 CROSS JOIN LATERAL (SELECT * FROM price_history
                                      WHERE user_id = %(user_id)s AND inventory_item_id = item.id AND vendor_id = vendor.vendor_id
                                        AND voided_at IS NULL OFFSET 0) AS price
                WINDOW earlier AS (PARTITION BY price.inventory_item_id, price.vendor_id, price.currency
                                   ORDER BY price.invoice_date, price.posting_sequence, price.invoice_id, price.line_number)) AS chained
        OFFSET 0) AS mended
 WHERE point.user_id = mended.user_id AND point.invoice_id = mended.invoice_id AND point.line_number = mended.line_number
   AND (point.previous_price, point.price_change_percent, point.is_price_increase)
       IS DISTINCT FROM (mended.previous_price, mended.price_change_percent, mended.is_price_increase);

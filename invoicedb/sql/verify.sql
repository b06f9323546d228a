-- What is derived, beside what it is derived from. Each statement compares in one snapshot, so that bookings that go on meanwhile are
-- no differences. Values within half a unit of the last decimal, and with no further one, are right: multiplying says so in a fraction
-- of the time that dividing takes. Whatever that does not settle is computed by the functions that the booking computes it with.
-- All answer: kind, item and its name, document, line, column, stored, expected.

-- name: page_of_documents
-- Leaves invoicedb.page: the ids that the statements after it compare. Their rows are then joined by hash, and not for each one by
-- a look-up; only where the planner's settings are ours already.
SELECT count(*), coalesce((array_agg(day))[count(*)], 0)::text, (array_agg(id))[count(*)],
       set_config('invoicedb.page', coalesce(array_agg(id), '{}')::text, true) IS NULL AS not_echoed,
       CASE WHEN current_setting('plan_cache_mode') = 'force_generic_plan'
            THEN set_config('enable_hashjoin', 'on', true) || set_config('enable_nestloop', 'off', true)
                 || set_config('enable_sort', 'off', true) || set_config('enable_bitmapscan', 'off', true)
       END AS planned
  FROM (SELECT id, (invoice_date - DATE '1900-01-01') AS day FROM invoices
         WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND document_type = ANY (%(types)s)
           AND ((invoice_date - DATE '1900-01-01'), id::text) > (%(after_key)s::text::int, %(after_id)s::text)
         ORDER BY user_id::text, (invoice_date - DATE '1900-01-01'), id::text LIMIT %(limit)s) AS page;

-- name: page_of_items
-- Prices then come in the order of their index, unsorted: half the time. Only where the planner's settings are ours already.
SELECT count(*), coalesce((array_agg(name))[count(*)], ''), (array_agg(id))[count(*)],
       set_config('invoicedb.page', coalesce(array_agg(id), '{}')::text, true) IS NULL AS not_echoed,
       CASE WHEN current_setting('plan_cache_mode') = 'force_generic_plan' THEN set_config('enable_bitmapscan', 'off', true) END AS planned
  FROM (SELECT id, name FROM inventory_items
         WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND (name, id::text) > (%(after_key)s::text, %(after_id)s::text)
         ORDER BY user_id::text, name, id::text LIMIT %(limit)s) AS page;

-- name: page_again
-- The rows of a page that are to be mended.
SELECT set_config('invoicedb.page', %(page)s::text, true) IS NULL AS not_echoed;

-- name: verify_documents
-- Right as wholes are documents whose every line is of goods that were bought, and has its movement and its price, and whose head has their
-- sum; of the others alone, what does not agree. Each table is read once, line by line, and laid beside the others. Of a line that a
-- correction has moved, the last correction's movement stands for it
-- (their ids are in the order of time).
WITH document AS MATERIALIZED (
  SELECT document.*
    FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
   CROSS JOIN LATERAL (SELECT * FROM invoices
                        WHERE user_id = %(user_id)s AND id = page.id AND document_type IN ('invoice', 'credit_memo') LIMIT 1) AS document),
line AS (
  SELECT document.id, line.*
    FROM document
   CROSS JOIN LATERAL (
     SELECT line_number, inventory_item_id, quantity * base_quantity AS quantity_change, cost_total, unit_price, base_quantity, pack_size,
            line_total, error_type, dismissed_at, kind = 'item' AND quantity > 0 AS is_bought
       FROM invoice_lines WHERE user_id = %(user_id)s AND invoice_id = document.id OFFSET 0) AS line),
movement AS (
  SELECT document.id, movement.*
    FROM document
   CROSS JOIN LATERAL (
     SELECT line_number, inventory_item_id, quantity_change, total_cost,
            transaction_type = 'purchase' AND transaction_date = document.invoice_date AND scale(unit_cost) <= 10
            AND abs(unit_cost * quantity_change - total_cost) * 20000000000 < quantity_change AS is_right
       FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = document.id OFFSET 0) AS movement),
price AS (
  SELECT document.id, price.*
    FROM document
   CROSS JOIN LATERAL (
     SELECT line_number, inventory_item_id, unit_price, base_quantity, pack_size,
            vendor_id = document.vendor_id AND invoice_date = document.invoice_date AND posting_sequence = document.posting_sequence
            AND currency IS NOT DISTINCT FROM document.currency AND (voided_at IS NULL) = (document.voided_at IS NULL) AS is_right
       FROM price_history WHERE user_id = %(user_id)s AND invoice_id = document.id OFFSET 0) AS price),
whole AS (
  SELECT id, coalesce(sum(line.line_total) FILTER (WHERE line.error_type IS NULL), 0) AS total,
         count(line.id) - count(line.error_type) AS booked, count(line.error_type) AS failed,
         count(line.error_type) - count(line.dismissed_at) AS open,
         bool_and((line.is_bought AND movement.is_right AND price.is_right
                   AND movement.inventory_item_id = line.inventory_item_id AND movement.quantity_change = line.quantity_change
                   AND movement.total_cost = line.cost_total AND price.inventory_item_id = line.inventory_item_id
                   AND price.unit_price = line.unit_price AND price.base_quantity = line.base_quantity
                   AND price.pack_size IS NOT DISTINCT FROM line.pack_size) IS TRUE) AS is_right
    FROM line FULL JOIN movement USING (id, line_number) FULL JOIN price USING (id, line_number)
   GROUP BY id),
suspect AS MATERIALIZED (
  SELECT document.*, coalesce(whole.total, 0) AS booked_total, coalesce(whole.booked, 0) AS booked, coalesce(whole.failed, 0) AS failed,
         coalesce(whole.open, 0) AS open
    FROM document LEFT JOIN whole USING (id)
   WHERE whole.is_right IS NOT TRUE OR document.total <> whole.total OR document.line_count <> whole.booked OR document.status <> 'success')
SELECT 'invoice_total' AS kind, NULL::uuid AS item_id, NULL::text AS item_name, suspect.id, NULL::int AS line_number, found.name,
       found.stored, found.expected
  FROM suspect
 CROSS JOIN LATERAL (VALUES
   ('total', trim_scale(suspect.total)::text, trim_scale(suspect.booked_total)::text),
   ('line_count', suspect.line_count::text, (suspect.booked + suspect.failed)::text),
   ('status', suspect.status,
    CASE WHEN suspect.booked = 0 THEN 'failed' WHEN suspect.open > 0 THEN 'partial_success' ELSE 'success' END))
   AS found (name, stored, expected)
 WHERE found.stored <> found.expected
UNION ALL
SELECT found.kind, item.id, item.name, suspect.id, place.line_number, found.name, found.stored, found.expected
  FROM suspect
 CROSS JOIN LATERAL (SELECT line_number FROM invoice_lines WHERE user_id = %(user_id)s AND invoice_id = suspect.id
                     UNION SELECT line_number FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = suspect.id
                     UNION SELECT line_number FROM price_history WHERE user_id = %(user_id)s AND invoice_id = suspect.id) AS place
  LEFT JOIN LATERAL (SELECT * FROM invoice_lines WHERE user_id = %(user_id)s AND invoice_id = suspect.id AND line_number = place.line_number
                        AND inventory_item_id IS NOT NULL LIMIT 1) AS line ON true
  LEFT JOIN LATERAL (
    SELECT booked.*
      FROM (SELECT * FROM inventory_transactions
             WHERE user_id = %(user_id)s AND reference_id = suspect.id AND line_number = place.line_number
            UNION ALL
            SELECT * FROM inventory_transactions
             WHERE user_id = %(user_id)s AND of_invoice_id = suspect.id AND of_line_number = place.line_number) AS booked
     ORDER BY booked.of_invoice_id IS NULL, booked.reference_id DESC LIMIT 1) AS movement ON true
  LEFT JOIN LATERAL (SELECT * FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = suspect.id AND line_number = place.line_number LIMIT 1) AS price ON true
  LEFT JOIN LATERAL (SELECT id, name FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = coalesce(line.inventory_item_id, movement.inventory_item_id,
                                                                    price.inventory_item_id) LIMIT 1) AS item ON true
 CROSS JOIN LATERAL (
   SELECT 'missing_movement', NULL, NULL, trim_scale(line.quantity * line.base_quantity * (line.kind <> 'price_correction')::int)::text
    WHERE line.invoice_id IS NOT NULL AND movement.reference_id IS NULL
   UNION ALL SELECT 'missing_price', NULL, NULL, trim_scale(coalesce(line.corrected_price, line.unit_price))::text
    WHERE (line.quantity > 0 OR line.corrected_price IS NOT NULL) AND price.invoice_id IS NULL
   UNION ALL SELECT 'stray_movement', NULL, trim_scale(movement.quantity_change)::text, NULL
    WHERE line.invoice_id IS NULL AND movement.reference_id IS NOT NULL
   UNION ALL SELECT 'stray_price', NULL, trim_scale(price.unit_price)::text, NULL
    WHERE (line.quantity > 0 OR line.corrected_price IS NOT NULL) IS NOT TRUE AND price.invoice_id IS NOT NULL
   UNION ALL SELECT 'movement', of_movement.* FROM (VALUES
     ('inventory_item_id', movement.inventory_item_id::text, line.inventory_item_id::text),
     ('transaction_type', movement.transaction_type,
      CASE WHEN line.kind = 'price_correction' THEN line.kind WHEN line.quantity > 0 THEN 'purchase' ELSE 'return' END),
     ('quantity_change', trim_scale(movement.quantity_change)::text,
      trim_scale(line.quantity * line.base_quantity * (line.kind <> 'price_correction')::int)::text),
     ('unit_cost', trim_scale(movement.unit_cost)::text,
      trim_scale(invoicedb_quotient(line.cost_total, nullif(line.quantity * line.base_quantity, 0)))::text),
     ('total_cost', trim_scale(movement.total_cost)::text, trim_scale(line.cost_total)::text),
     ('transaction_date', movement.transaction_date::text, suspect.invoice_date::text)) AS of_movement (name, stored, expected)
    WHERE line.invoice_id IS NOT NULL AND movement.reference_id IS NOT NULL
      AND of_movement.stored IS DISTINCT FROM of_movement.expected
   UNION ALL SELECT 'price_point', of_price.* FROM (VALUES
     ('inventory_item_id', price.inventory_item_id::text, line.inventory_item_id::text),
     ('unit_price', trim_scale(price.unit_price)::text, trim_scale(coalesce(line.corrected_price, line.unit_price))::text),
     ('base_quantity', trim_scale(price.base_quantity)::text, trim_scale(line.base_quantity)::text),
     ('pack_size', price.pack_size, line.pack_size),
     ('vendor_id', price.vendor_id::text, suspect.vendor_id::text),
     ('invoice_date', price.invoice_date::text, suspect.invoice_date::text),
     ('posting_sequence', price.posting_sequence::text, suspect.posting_sequence::text),
     ('currency', price.currency, suspect.currency),
     ('voided_at', price.voided_at::text, suspect.voided_at::text)) AS of_price (name, stored, expected)
    WHERE line.invoice_id IS NOT NULL AND price.invoice_id IS NOT NULL AND of_price.stored IS DISTINCT FROM of_price.expected
   UNION ALL SELECT 'invoice_line', 'cost_total', trim_scale(line.cost_total)::text, trim_scale(line.line_total + line.share)::text
    WHERE line.cost_total <> line.line_total + line.share AND NOT (line.kind = 'item' AND line.quantity < 0 AND suspect.corrects_id IS NOT NULL))
   AS found (kind, name, stored, expected);

-- name: verify_voids
-- What stands for a line of a voided invoice, its own movement or the last correction's, has its reversal.
SELECT 'missing_reversal' AS kind, item.id, item.name, invoice.id, coalesce(movement.of_line_number, movement.line_number), NULL::text,
       NULL::text, trim_scale(-movement.quantity_change)::text
  FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
 CROSS JOIN LATERAL (SELECT id FROM invoices
                      WHERE user_id = %(user_id)s AND id = page.id AND document_type IN ('invoice', 'credit_memo') AND voided_at IS NOT NULL LIMIT 1) AS invoice
 CROSS JOIN LATERAL (
   SELECT DISTINCT ON (coalesce(of_line_number, line_number)) *
     FROM (SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = invoice.id
           UNION ALL
           SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND of_invoice_id = invoice.id) AS booked
    ORDER BY coalesce(of_line_number, line_number), of_invoice_id IS NULL, reference_id DESC) AS movement
  LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                        AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
 CROSS JOIN LATERAL (SELECT id, name FROM inventory_items WHERE user_id = %(user_id)s AND id = movement.inventory_item_id LIMIT 1) AS item
 WHERE reversal.found IS NULL;

-- name: verify_reversals
-- What a void or a correction takes back is the very opposite of what was booked; and where a correction's movement stands for a line,
-- what stood for it before is taken back by the row before it. (What opening stock costs a unit is mended after this: it is told again.)
WITH movement AS MATERIALIZED (
  SELECT movement.*
    FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
   CROSS JOIN LATERAL (SELECT id FROM invoices
                        WHERE user_id = %(user_id)s AND id = page.id AND document_type IN ('void', 'correction') LIMIT 1) AS document
   CROSS JOIN LATERAL (SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = document.id OFFSET 0) AS movement)
SELECT 'reversal' AS kind, item.id, item.name, movement.reference_id, movement.line_number, found.name, found.stored, found.expected
  FROM movement
 CROSS JOIN LATERAL (SELECT inventory_item_id, quantity_change, total_cost, transaction_date,
                            CASE WHEN reference_type = 'opening' THEN invoicedb_quotient(total_cost, quantity_change) ELSE unit_cost END AS unit_cost
                       FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reference_id = movement.reverses_reference_id
                        AND line_number = movement.reverses_line_number LIMIT 1) AS reversed
 CROSS JOIN LATERAL (SELECT id, name FROM inventory_items WHERE user_id = %(user_id)s AND id = reversed.inventory_item_id LIMIT 1) AS item
 CROSS JOIN LATERAL (VALUES
   ('inventory_item_id', movement.inventory_item_id::text, reversed.inventory_item_id::text),
   ('quantity_change', trim_scale(movement.quantity_change)::text, trim_scale(-reversed.quantity_change)::text),
   ('unit_cost', trim_scale(movement.unit_cost)::text, trim_scale(reversed.unit_cost)::text),
   ('total_cost', trim_scale(movement.total_cost)::text, trim_scale(-reversed.total_cost)::text),
   ('transaction_date', movement.transaction_date::text, reversed.transaction_date::text)) AS found (name, stored, expected)
 WHERE found.stored <> found.expected
UNION ALL
SELECT 'missing_reversal', item.id, item.name, movement.reference_id, movement.line_number - 1, NULL, NULL, NULL
  FROM movement
  LEFT JOIN LATERAL (SELECT reverses_reference_id FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reference_id = movement.reference_id AND line_number = movement.line_number - 1
                      LIMIT 1) AS beside ON true
 CROSS JOIN LATERAL (SELECT id, name FROM inventory_items WHERE user_id = %(user_id)s AND id = movement.inventory_item_id LIMIT 1) AS item
 WHERE movement.of_invoice_id IS NOT NULL AND movement.reverses_reference_id IS NULL AND beside.reverses_reference_id IS NULL;

-- name: verify_sequences
-- A vendor's sequence is that of the last of its documents, or further. One answer a vendor.
SELECT 'vendor_sequence' AS kind, NULL::uuid AS item_id, NULL::text AS item_name, last.id, NULL::int AS line_number, 'posting_sequence',
       vendor.posting_sequence::text, last.posting_sequence::text
  FROM (SELECT document.vendor_id, max(document.posting_sequence) AS posting_sequence,
               (array_agg(document.id ORDER BY document.posting_sequence DESC))[1] AS id
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT id, vendor_id, posting_sequence FROM invoices
                              WHERE user_id = %(user_id)s AND id = page.id AND posting_sequence IS NOT NULL LIMIT 1) AS document
         GROUP BY document.vendor_id OFFSET 0) AS last
 CROSS JOIN LATERAL (SELECT posting_sequence FROM vendors WHERE user_id = %(user_id)s AND id = last.vendor_id LIMIT 1) AS vendor
 WHERE last.posting_sequence > vendor.posting_sequence;

-- name: verify_items
-- Stock beside its movements, opening stock beside what it says itself, the last purchase beside the prices, each price beside the one
-- before it of its item and vendor. Most prices are of one currency and pack; where not, the predecessor is looked up.
WITH item AS MATERIALIZED (
  SELECT item.*
    FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
   CROSS JOIN LATERAL (SELECT * FROM inventory_items WHERE user_id = %(user_id)s AND id = page.id LIMIT 1) AS item),
suspect AS MATERIALIZED (
  SELECT item.id, item.name, point.*
    FROM item
   CROSS JOIN LATERAL (
     SELECT vendor_id, invoice_date, posting_sequence, invoice_id, line_number, unit_price, base_quantity, base_unit_price, currency,
            previous_price, price_change_percent, is_price_increase, lag(unit_price) OVER earlier AS price_before,
            lag(base_quantity) OVER earlier AS base_before, lag(currency) OVER earlier AS currency_before,
            ((invoice_date, vendor_id, posting_sequence, invoice_id, line_number)
             > (item.last_purchase_date, item.last_vendor_id, item.last_posting_sequence, item.last_invoice_id, item.last_line_number))
            IS NOT FALSE AS is_later
       FROM price_history WHERE user_id = %(user_id)s AND inventory_item_id = item.id AND voided_at IS NULL
     WINDOW earlier AS (PARTITION BY vendor_id ORDER BY invoice_date, posting_sequence, invoice_id, line_number)) AS point
   WHERE is_later
      OR (scale(base_unit_price) <= 10 AND abs(base_unit_price * base_quantity - unit_price) * 20000000000 < base_quantity) IS NOT TRUE
      OR CASE WHEN price_before IS NULL THEN previous_price IS NOT NULL
              WHEN base_before <> base_quantity OR currency_before IS DISTINCT FROM currency OR price_before = 0 THEN true
              ELSE (previous_price = price_before AND scale(price_before) <= 10
                    AND is_price_increase = (unit_price > price_before) AND scale(price_change_percent) <= 4
                    AND abs(price_change_percent * price_before - (unit_price - price_before) * 100) * 20000 < price_before) IS NOT TRUE
         END)
SELECT 'stock' AS kind, item.id AS item_id, item.name AS item_name, NULL::uuid AS invoice_id, NULL::int AS line_number, 'current_quantity',
       trim_scale(item.current_quantity)::text AS stored, trim_scale(moved.quantity)::text AS expected
  FROM item
 CROSS JOIN LATERAL (SELECT coalesce(sum(quantity_change), 0) AS quantity FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND inventory_item_id = item.id) AS moved
 WHERE item.current_quantity <> moved.quantity
UNION ALL
SELECT 'movement', item.id, item.name, opening.reference_id, opening.line_number, 'unit_cost', trim_scale(opening.unit_cost)::text,
       trim_scale(opening.cost)::text
  FROM item
 CROSS JOIN LATERAL (SELECT *, invoicedb_quotient(total_cost, quantity_change) AS cost FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND inventory_item_id = item.id AND reference_type = 'opening' OFFSET 0) AS opening
 WHERE opening.unit_cost <> opening.cost
UNION ALL
-- Right is a last purchase that is a price point as it says, with none after it; or none, where there is no price.
SELECT 'last_purchase', item.id, item.name, last.invoice_id, last.line_number, found.name, found.stored, found.expected
  FROM (SELECT item.*
          FROM item
          LEFT JOIN LATERAL (SELECT * FROM price_history
                              WHERE user_id = %(user_id)s AND invoice_id = item.last_invoice_id AND line_number = item.last_line_number
                              LIMIT 1) AS point ON true
         WHERE (item.last_invoice_id IS NULL
                OR (point.inventory_item_id = item.id AND point.voided_at IS NULL AND point.invoice_date = item.last_purchase_date
                    AND point.vendor_id = item.last_vendor_id AND point.posting_sequence = item.last_posting_sequence
                    AND point.unit_price = item.last_purchase_price AND scale(item.last_base_unit_price) <= 10
                    AND abs(item.last_base_unit_price * point.base_quantity - point.unit_price) * 20000000000 < point.base_quantity))
               IS NOT TRUE
            OR item.id IN (SELECT id FROM suspect WHERE is_later)
        OFFSET 0) AS item
  LEFT JOIN LATERAL (SELECT * FROM price_history
                      WHERE user_id = %(user_id)s AND inventory_item_id = item.id AND voided_at IS NULL
                      ORDER BY invoice_date DESC, vendor_id DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1)
         AS last ON true
 CROSS JOIN LATERAL (VALUES
   ('last_purchase_price', trim_scale(item.last_purchase_price)::text, trim_scale(last.unit_price)::text),
   ('last_base_unit_price', trim_scale(item.last_base_unit_price)::text,
    trim_scale(invoicedb_quotient(last.unit_price, last.base_quantity))::text),
   ('last_purchase_date', item.last_purchase_date::text, last.invoice_date::text),
   ('last_vendor_id', item.last_vendor_id::text, last.vendor_id::text),
   ('last_posting_sequence', item.last_posting_sequence::text, last.posting_sequence::text),
   ('last_invoice_id', item.last_invoice_id::text, last.invoice_id::text),
   ('last_line_number', item.last_line_number::text, last.line_number::text)) AS found (name, stored, expected)
 WHERE found.stored IS DISTINCT FROM found.expected
UNION ALL
SELECT found.kind, point.id, point.name, point.invoice_id, point.line_number, found.name, found.stored, found.expected
  FROM suspect AS point
  LEFT JOIN LATERAL (SELECT unit_price, base_quantity FROM price_history
                      WHERE user_id = %(user_id)s AND inventory_item_id = point.id AND vendor_id = point.vendor_id
                        AND currency IS NOT DISTINCT FROM point.currency
                        AND voided_at IS NULL AND (invoice_date, posting_sequence, invoice_id, line_number)
                            < (point.invoice_date, point.posting_sequence, point.invoice_id, point.line_number)
                      ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1) AS before ON true
 CROSS JOIN LATERAL (VALUES
   ('price_point', 'base_unit_price', trim_scale(point.base_unit_price)::text,
    trim_scale(invoicedb_quotient(point.unit_price, point.base_quantity))::text),
   ('price_chain', 'previous_price', trim_scale(point.previous_price)::text,
    trim_scale(invoicedb_quotient(before.unit_price * point.base_quantity, before.base_quantity))::text),
   ('price_chain', 'price_change_percent', trim_scale(point.price_change_percent)::text,
    trim_scale(invoicedb_percent(before.unit_price * point.base_quantity, point.unit_price * before.base_quantity))::text),
   ('price_chain', 'is_price_increase', point.is_price_increase::text,
    (point.unit_price * before.base_quantity > before.unit_price * point.base_quantity)::text)) AS found (kind, name, stored, expected)
 WHERE found.stored IS DISTINCT FROM found.expected;

-- name: lock_vendors_of_documents
-- In id order, and before all else.
SELECT vendor.id
  FROM (SELECT DISTINCT document.vendor_id
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT vendor_id FROM invoices WHERE user_id = %(user_id)s AND id = page.id LIMIT 1) AS document
         ORDER BY 1) AS document
 CROSS JOIN LATERAL (SELECT id FROM vendors WHERE user_id = %(user_id)s AND id = document.vendor_id FOR NO KEY UPDATE) AS vendor;

-- name: lock_documents
-- In id order, and before their items, as a booking does.
SELECT invoice.id
  FROM (SELECT DISTINCT id FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id) ORDER BY 1) AS page
 CROSS JOIN LATERAL (SELECT id FROM invoices WHERE user_id = %(user_id)s AND id = page.id FOR NO KEY UPDATE) AS invoice;

-- name: lock_items_of_documents
-- Those of the lines, and those that a movement or a price names instead.
SELECT item.id
  FROM (SELECT DISTINCT named.inventory_item_id
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (
           SELECT inventory_item_id FROM invoice_lines WHERE user_id = %(user_id)s AND invoice_id = page.id
           UNION ALL SELECT inventory_item_id FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = page.id
           UNION ALL SELECT inventory_item_id FROM price_history WHERE user_id = %(user_id)s AND invoice_id = page.id) AS named
         ORDER BY 1) AS named
 CROSS JOIN LATERAL (SELECT id FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = named.inventory_item_id FOR NO KEY UPDATE) AS item;

-- name: lock_items_of_page
SELECT item.id
  FROM (SELECT DISTINCT id FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id) ORDER BY 1) AS page
 CROSS JOIN LATERAL (SELECT id FROM inventory_items WHERE user_id = %(user_id)s AND id = page.id FOR NO KEY UPDATE) AS item;

-- name: mend_totals
-- A status that contradicts the posting sequence is left: what order the invoice had is nowhere else to be read.
UPDATE invoices AS invoice
   SET total = line.total, line_count = line.line_count, status = line.status
  FROM (SELECT invoice.user_id, invoice.id, line.total, line.booked + line.failed AS line_count,
               CASE WHEN (invoice.posting_sequence IS NULL) <> (line.booked = 0) THEN invoice.status
                    WHEN line.booked = 0 THEN 'failed' WHEN line.open > 0 THEN 'partial_success' ELSE 'success' END AS status
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT * FROM invoices
                              WHERE user_id = %(user_id)s AND id = page.id AND document_type IN ('invoice', 'credit_memo') LIMIT 1) AS invoice
         CROSS JOIN LATERAL (SELECT coalesce(sum(line_total) FILTER (WHERE error_type IS NULL), 0) AS total,
                                    count(*) FILTER (WHERE error_type IS NULL) AS booked, count(error_type) AS failed,
                                    count(error_type) - count(dismissed_at) AS open
                               FROM invoice_lines WHERE user_id = %(user_id)s AND invoice_id = page.id) AS line
        OFFSET 0) AS line
 WHERE invoice.user_id = line.user_id AND invoice.id = line.id;

-- name: mend_lines
-- What a line's goods cost, unless a credit memo has looked it up in the invoice that it corrects.
UPDATE invoice_lines AS line SET cost_total = right_one.cost_total
  FROM (SELECT line.user_id, line.invoice_id, line.line_number, line.line_total + line.share AS cost_total
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT id, corrects_id FROM invoices WHERE user_id = %(user_id)s AND id = page.id
                                AND document_type IN ('invoice', 'credit_memo') LIMIT 1) AS invoice
         CROSS JOIN LATERAL (SELECT * FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = page.id AND inventory_item_id IS NOT NULL) AS line
         WHERE line.cost_total <> line.line_total + line.share AND NOT (line.kind = 'item' AND line.quantity < 0 AND invoice.corrects_id IS NOT NULL)
        OFFSET 0) AS right_one
 WHERE line.user_id = right_one.user_id AND line.invoice_id = right_one.invoice_id AND line.line_number = right_one.line_number;

-- name: restore_movements
-- A line says all there is to say about its movement: as add_movements. Not where a correction's stands for it, nor of a line that moves nothing.
INSERT INTO inventory_transactions AS movement
       (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type, quantity_change, unit_cost, total_cost,
        transaction_date)
SELECT line.user_id, line.invoice_id, line.line_number, line.inventory_item_id,
       CASE WHEN line.kind = 'price_correction' THEN line.kind WHEN line.quantity > 0 THEN 'purchase' ELSE 'return' END,
       invoice.document_type, line.quantity * line.base_quantity * (line.kind <> 'price_correction')::int,
       invoicedb_quotient(line.cost_total, line.quantity * line.base_quantity), line.cost_total, invoice.invoice_date
  FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
 CROSS JOIN LATERAL (SELECT * FROM invoices
                      WHERE user_id = %(user_id)s AND id = page.id AND document_type IN ('invoice', 'credit_memo') LIMIT 1) AS invoice
 CROSS JOIN LATERAL (SELECT * FROM invoice_lines
                      WHERE user_id = %(user_id)s AND invoice_id = page.id AND inventory_item_id IS NOT NULL
                        AND quantity * base_quantity <> 0) AS line
  LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND of_invoice_id = line.invoice_id AND of_line_number = line.line_number
                      LIMIT 1) AS standing ON true
 WHERE standing.found IS NULL
ON CONFLICT (reference_id, line_number, user_id) DO UPDATE
   SET inventory_item_id = excluded.inventory_item_id, transaction_type = excluded.transaction_type,
       quantity_change = excluded.quantity_change, unit_cost = excluded.unit_cost, total_cost = excluded.total_cost,
       transaction_date = excluded.transaction_date
 WHERE (movement.inventory_item_id, movement.transaction_type, movement.quantity_change, movement.unit_cost, movement.total_cost,
        movement.transaction_date)
       <> (excluded.inventory_item_id, excluded.transaction_type, excluded.quantity_change, excluded.unit_cost, excluded.total_cost,
           excluded.transaction_date);

-- name: restore_standing
-- The same where a correction's movement stands for the line: the last one's.
UPDATE inventory_transactions AS movement
   SET inventory_item_id = right_one.inventory_item_id, transaction_type = right_one.transaction_type,
       quantity_change = right_one.quantity_change, unit_cost = right_one.unit_cost, total_cost = right_one.total_cost,
       transaction_date = right_one.transaction_date
  FROM (SELECT standing.user_id, standing.reference_id, standing.line_number, line.inventory_item_id,
               CASE WHEN line.kind = 'price_correction' THEN line.kind WHEN line.quantity > 0 THEN 'purchase' ELSE 'return' END AS transaction_type,
               line.quantity * line.base_quantity * (line.kind <> 'price_correction')::int AS quantity_change,
               invoicedb_quotient(line.cost_total, line.quantity * line.base_quantity) AS unit_cost, line.cost_total AS total_cost,
               invoice.invoice_date AS transaction_date
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT id, invoice_date FROM invoices
                              WHERE user_id = %(user_id)s AND id = page.id AND document_type IN ('invoice', 'credit_memo') LIMIT 1) AS invoice
         CROSS JOIN LATERAL (SELECT * FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND inventory_item_id IS NOT NULL
                                AND quantity * base_quantity <> 0) AS line
         CROSS JOIN LATERAL (SELECT user_id, reference_id, line_number FROM inventory_transactions
                              WHERE user_id = %(user_id)s AND of_invoice_id = line.invoice_id AND of_line_number = line.line_number
                              ORDER BY reference_id DESC LIMIT 1) AS standing
        OFFSET 0) AS right_one
 WHERE movement.user_id = right_one.user_id AND movement.reference_id = right_one.reference_id AND movement.line_number = right_one.line_number
   AND (movement.inventory_item_id, movement.transaction_type, movement.quantity_change, movement.unit_cost, movement.total_cost,
        movement.transaction_date)
       <> (right_one.inventory_item_id, right_one.transaction_type, right_one.quantity_change, right_one.unit_cost, right_one.total_cost,
           right_one.transaction_date);

-- name: restore_reversals
-- Of voided invoices: as add_reversals.
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date, reverses_reference_id, reverses_line_number)
SELECT movement.user_id, void.id, coalesce(movement.of_line_number, movement.line_number), movement.inventory_item_id, 'reversal', 'void',
       -movement.quantity_change, movement.unit_cost, -movement.total_cost, movement.transaction_date, movement.reference_id,
       movement.line_number
  FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
 CROSS JOIN LATERAL (SELECT id FROM invoices
                      WHERE user_id = %(user_id)s AND corrects_id = page.id AND document_type = 'void' LIMIT 1) AS void
 CROSS JOIN LATERAL (
   SELECT DISTINCT ON (coalesce(of_line_number, line_number)) *
     FROM (SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = page.id
           UNION ALL
           SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND of_invoice_id = page.id) AS booked
    ORDER BY coalesce(of_line_number, line_number), of_invoice_id IS NULL, reference_id DESC) AS movement
  LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                        AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
 WHERE reversal.found IS NULL
ON CONFLICT DO NOTHING;

-- name: restore_taken_back
-- Before a correction's movement for a line, the reversal of what stood for the line until then.
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date, reverses_reference_id, reverses_line_number)
SELECT stood.user_id, standing.reference_id, standing.line_number - 1, stood.inventory_item_id, 'reversal', 'correction',
       -stood.quantity_change, stood.unit_cost, -stood.total_cost, stood.transaction_date, stood.reference_id, stood.line_number
  FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
 CROSS JOIN LATERAL (SELECT reference_id, line_number, of_invoice_id, of_line_number, reverses_reference_id FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reference_id = page.id OFFSET 0) AS standing
  LEFT JOIN LATERAL (SELECT reverses_reference_id FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reference_id = standing.reference_id AND line_number = standing.line_number - 1
                      LIMIT 1) AS beside ON true
 CROSS JOIN LATERAL (
   SELECT *
     FROM (SELECT * FROM inventory_transactions
            WHERE user_id = %(user_id)s AND reference_id = standing.of_invoice_id AND line_number = standing.of_line_number
           UNION ALL
           SELECT * FROM inventory_transactions
            WHERE user_id = %(user_id)s AND of_invoice_id = standing.of_invoice_id AND of_line_number = standing.of_line_number
              AND reference_id < standing.reference_id) AS movement
    ORDER BY movement.of_invoice_id IS NULL, movement.reference_id DESC LIMIT 1) AS stood
 WHERE standing.of_invoice_id IS NOT NULL AND standing.reverses_reference_id IS NULL AND beside.reverses_reference_id IS NULL
ON CONFLICT DO NOTHING;

-- name: mend_reversals
UPDATE inventory_transactions AS reversal
   SET inventory_item_id = reversed.inventory_item_id, quantity_change = -reversed.quantity_change, unit_cost = reversed.unit_cost,
       total_cost = -reversed.total_cost, transaction_date = reversed.transaction_date
  FROM (SELECT reversal.user_id, reversal.reference_id, reversal.line_number, reversed.inventory_item_id, reversed.quantity_change,
               reversed.unit_cost, reversed.total_cost, reversed.transaction_date
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT * FROM inventory_transactions
                              WHERE user_id = %(user_id)s AND reference_id = page.id OFFSET 0) AS reversal
         CROSS JOIN LATERAL (SELECT inventory_item_id, quantity_change, total_cost, transaction_date,
                                    CASE WHEN reference_type = 'opening' THEN invoicedb_quotient(total_cost, quantity_change)
                                         ELSE unit_cost END AS unit_cost
                               FROM inventory_transactions
                              WHERE user_id = %(user_id)s AND reference_id = reversal.reverses_reference_id
                                AND line_number = reversal.reverses_line_number LIMIT 1) AS reversed
         WHERE (reversal.inventory_item_id, reversal.quantity_change, reversal.unit_cost, reversal.total_cost, reversal.transaction_date)
               <> (reversed.inventory_item_id, -reversed.quantity_change, reversed.unit_cost, -reversed.total_cost, reversed.transaction_date)
        OFFSET 0) AS reversed
 WHERE reversal.user_id = reversed.user_id AND reversal.reference_id = reversed.reference_id AND reversal.line_number = reversed.line_number;

-- name: mend_sequences
UPDATE vendors AS vendor SET posting_sequence = last.posting_sequence
  FROM (SELECT %(user_id)s::uuid AS user_id, document.vendor_id, max(document.posting_sequence) AS posting_sequence
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT vendor_id, posting_sequence FROM invoices WHERE user_id = %(user_id)s AND id = page.id LIMIT 1) AS document
         GROUP BY document.vendor_id OFFSET 0) AS last
 WHERE vendor.id = last.vendor_id AND vendor.user_id = last.user_id AND vendor.posting_sequence < last.posting_sequence;

-- name: restore_prices
-- The point as its line has it. What follows from its neighbours comes with the chains.
INSERT INTO price_history AS price
       (user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence, unit_price, pack_size,
        base_quantity, base_unit_price, currency, voided_at)
SELECT line.user_id, line.invoice_id, line.line_number, line.inventory_item_id, invoice.vendor_id, invoice.invoice_date,
       invoice.posting_sequence, coalesce(line.corrected_price, line.unit_price), line.pack_size, line.base_quantity,
       invoicedb_quotient(coalesce(line.corrected_price, line.unit_price), line.base_quantity), invoice.currency, invoice.voided_at
  FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
 CROSS JOIN LATERAL (SELECT * FROM invoices WHERE user_id = %(user_id)s AND id = page.id AND document_type IN ('invoice', 'credit_memo')
                        AND posting_sequence IS NOT NULL LIMIT 1) AS invoice
 CROSS JOIN LATERAL (SELECT * FROM invoice_lines WHERE user_id = %(user_id)s AND invoice_id = page.id
                        AND inventory_item_id IS NOT NULL AND (quantity > 0 OR corrected_price IS NOT NULL)) AS line
ON CONFLICT (invoice_id, line_number, user_id) DO UPDATE
   SET inventory_item_id = excluded.inventory_item_id, vendor_id = excluded.vendor_id, invoice_date = excluded.invoice_date,
       posting_sequence = excluded.posting_sequence, unit_price = excluded.unit_price, pack_size = excluded.pack_size,
       base_quantity = excluded.base_quantity, currency = excluded.currency, voided_at = excluded.voided_at
 WHERE (price.inventory_item_id, price.vendor_id, price.invoice_date, price.posting_sequence, price.unit_price, price.pack_size,
        price.base_quantity, price.currency, price.voided_at)
       IS DISTINCT FROM (excluded.inventory_item_id, excluded.vendor_id, excluded.invoice_date, excluded.posting_sequence,
                         excluded.unit_price, excluded.pack_size, excluded.base_quantity, excluded.currency, excluded.voided_at);

-- name: mend_items
-- Under the items' locks: whatever was booked before is counted, whatever comes after adds to it.
UPDATE inventory_items AS item
   SET current_quantity = right_one.quantity, last_purchase_price = right_one.unit_price,
       last_base_unit_price = invoicedb_quotient(right_one.unit_price, right_one.base_quantity),
       last_purchase_date = right_one.invoice_date, last_vendor_id = right_one.vendor_id,
       last_posting_sequence = right_one.posting_sequence, last_invoice_id = right_one.invoice_id,
       last_line_number = right_one.line_number
  FROM (SELECT %(user_id)s::uuid AS user_id, page.id, moved.quantity, last.unit_price, last.base_quantity, last.invoice_date,
               last.vendor_id, last.posting_sequence, last.invoice_id, last.line_number
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT coalesce(sum(quantity_change), 0) AS quantity FROM inventory_transactions
                              WHERE user_id = %(user_id)s AND inventory_item_id = page.id) AS moved
          LEFT JOIN LATERAL (SELECT * FROM price_history
                              WHERE user_id = %(user_id)s AND inventory_item_id = page.id AND voided_at IS NULL
                              ORDER BY invoice_date DESC, vendor_id DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1)
                 AS last ON true
        OFFSET 0) AS right_one
 WHERE item.user_id = right_one.user_id AND item.id = right_one.id;

-- name: mend_prices
UPDATE price_history AS price
   SET base_unit_price = right_one.base_unit_price, previous_price = right_one.previous_price,
       price_change_percent = right_one.price_change_percent, is_price_increase = right_one.is_price_increase
  FROM (SELECT point.user_id, point.invoice_id, point.line_number,
               invoicedb_quotient(unit_price, base_quantity) AS base_unit_price,
               invoicedb_quotient(price_before * base_quantity, base_before) AS previous_price,
               invoicedb_percent(price_before * base_quantity, unit_price * base_before) AS price_change_percent,
               unit_price * base_before > price_before * base_quantity AS is_price_increase
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (
           SELECT user_id, invoice_id, line_number, unit_price, base_quantity, lag(unit_price) OVER earlier AS price_before,
                  lag(base_quantity) OVER earlier AS base_before
             FROM price_history WHERE user_id = %(user_id)s AND inventory_item_id = page.id AND voided_at IS NULL
           WINDOW earlier AS (PARTITION BY vendor_id, currency ORDER BY invoice_date, posting_sequence, invoice_id, line_number)) AS point
        OFFSET 0) AS right_one
 WHERE price.user_id = right_one.user_id AND price.invoice_id = right_one.invoice_id AND price.line_number = right_one.line_number
   AND (price.base_unit_price, price.previous_price, price.price_change_percent, price.is_price_increase)
       IS DISTINCT FROM (right_one.base_unit_price, right_one.previous_price, right_one.price_change_percent, right_one.is_price_increase);

-- name: mend_openings
UPDATE inventory_transactions AS movement
   SET unit_cost = invoicedb_quotient(movement.total_cost, movement.quantity_change)
  FROM (SELECT opening.user_id, opening.reference_id, opening.line_number
          FROM unnest(current_setting('invoicedb.page')::uuid[]) AS page (id)
         CROSS JOIN LATERAL (SELECT user_id, reference_id, line_number FROM inventory_transactions
                              WHERE user_id = %(user_id)s AND inventory_item_id = page.id AND reference_type = 'opening' OFFSET 0) AS opening
        OFFSET 0) AS opening
 WHERE movement.user_id = opening.user_id AND movement.reference_id = opening.reference_id
   AND movement.line_number = opening.line_number;

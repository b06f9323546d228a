-- The booking, from the locks to the stock. Locks are always taken in this order: catalog, vendor, items by id.

-- name: lock_catalog
-- Creates or locks the tenant's version row, raises it, and ends the flight if it is not what the plan saw.
INSERT INTO catalogs (user_id, version) VALUES (%(user_id)s, 1)
ON CONFLICT (user_id) DO UPDATE SET version = catalogs.version + 1
RETURNING invoicedb_require(version = %(catalog_version)s + 1, 'IV002', 'the catalog moved while the invoice was planned');

-- name: hold_catalog
-- For a plan that is made under the lock: creates or locks, raises nothing.
INSERT INTO catalogs (user_id, version) VALUES (%(user_id)s, 0) ON CONFLICT (user_id) DO UPDATE SET version = catalogs.version;

-- name: lock_vendor
-- Creates or locks: invoices of one vendor are booked one after the other, and `step` (1, or 0 where nothing is booked) is their order.
-- The vendor of a merged name is the one that it was merged into, locked after the name: while somebody books by a name, nobody
-- merges or un-merges it. Every statement below looks the name up again, and so sees what is locked here.
WITH named AS (
  INSERT INTO vendors (user_id, id, name, normalized_name, posting_sequence, created_at)
  VALUES (%(user_id)s, %(new_vendor_id)s, %(vendor_name)s, %(vendor_key)s, %(step)s, %(now)s)
  ON CONFLICT (normalized_name, user_id) DO UPDATE
     SET posting_sequence = vendors.posting_sequence + CASE WHEN vendors.merged_into_id IS NULL THEN %(step)s ELSE 0 END
  RETURNING id, name, merged_into_id),
other AS (
  UPDATE vendors AS vendor SET posting_sequence = vendor.posting_sequence + %(step)s
   WHERE vendor.user_id = %(user_id)s AND vendor.id = (SELECT merged_into_id FROM named)
  RETURNING vendor.id, vendor.name)
SELECT coalesce(other.id, named.id) AS id, coalesce(other.name, named.name) AS name,
       CASE WHEN named.merged_into_id IS NOT NULL AND other.id IS NULL
            THEN invoicedb_require(false, 'IV002', 'the vendor was merged into a new one meanwhile') END AS not_echoed
  FROM named LEFT JOIN other ON true;

-- name: add_items
INSERT INTO inventory_items (user_id, id, name, category, base_unit, current_quantity, created_at)
SELECT %(user_id)s, item.id, item.name, item.category, item.base_unit, 0, %(now)s
  FROM jsonb_to_recordset(%(items)s::jsonb) AS item (id uuid, name text, category text, base_unit text);

-- name: add_match_keys
-- The keys of new items' names, and of descriptions newly mapped to known ones.
INSERT INTO item_match_keys (match_key, user_id, inventory_item_id)
SELECT ('x' || encode(substring(item.keys FROM place * 8 + 1 FOR 8), 'hex'))::bit(64)::bigint, %(user_id)s, item.id
  FROM (SELECT id, decode(keys, 'base64') AS keys FROM jsonb_to_recordset(%(keyed_items)s::jsonb) AS item (id uuid, keys text)) AS item
 CROSS JOIN LATERAL generate_series(0, length(item.keys) / 8 - 1) AS place
ON CONFLICT DO NOTHING;

-- name: add_mappings
-- A rejected mapping gives way to the new decision, and is remembered as rejected. Any other can't be here: the version says so.
INSERT INTO vendor_item_mappings (user_id, vendor_id, item_key, pack_key, inventory_item_id, base_quantity, item_number, description,
                                  pack_size, accepted_readings, match_method, match_score, match_reasons, runner_up_item_id,
                                  runner_up_score, review_state, created_by_invoice_id, created_by_line_number, created_at)
SELECT %(user_id)s, vendor.id, mapping.item_key, mapping.pack_key, mapping.inventory_item_id, mapping.base_quantity, mapping.item_number,
       mapping.description, mapping.pack_size, ARRAY[mapping.reading], mapping.match_method, mapping.match_score, mapping.match_reasons,
       mapping.runner_up_item_id, mapping.runner_up_score, mapping.review_state, %(invoice_id)s, mapping.line_number, %(now)s
  FROM jsonb_to_recordset(%(mappings)s::jsonb)
       AS mapping (item_key text, pack_key text, inventory_item_id uuid, base_quantity numeric, item_number text, description text,
                   pack_size text, reading text, match_method text, match_score numeric, match_reasons jsonb, review_state text,
                   runner_up_item_id uuid, runner_up_score numeric, line_number int)
 CROSS JOIN (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS vendor
ON CONFLICT (vendor_id, item_key, pack_key, user_id) DO UPDATE
   SET inventory_item_id = excluded.inventory_item_id, base_quantity = excluded.base_quantity, description = excluded.description,
       pack_size = excluded.pack_size, accepted_readings = excluded.accepted_readings, pending_readings = '{}',
       match_method = excluded.match_method, match_score = excluded.match_score, match_reasons = excluded.match_reasons,
       runner_up_item_id = excluded.runner_up_item_id, runner_up_score = excluded.runner_up_score, decided_by = NULL, decided_at = NULL,
       decision_reason = NULL, review_state = excluded.review_state, created_by_invoice_id = excluded.created_by_invoice_id,
       created_by_line_number = excluded.created_by_line_number, created_at = excluded.created_at,
       rejected_item_ids = array_append(vendor_item_mappings.rejected_item_ids, vendor_item_mappings.inventory_item_id)
 WHERE vendor_item_mappings.review_state = 'rejected';

-- name: add_readings
-- Further descriptions of a known key: accepted where they fit, else pending until somebody looks. One row per mapping.
UPDATE vendor_item_mappings AS mapping
   SET accepted_readings = mapping.accepted_readings || reading.accepted,
       pending_readings = mapping.pending_readings || reading.pending
  FROM (SELECT vendor.id AS vendor_id, reading.item_key, reading.pack_key, %(user_id)s::uuid AS user_id, reading.accepted, reading.pending
          FROM jsonb_to_recordset(%(readings)s::jsonb) AS reading (item_key text, pack_key text, accepted text[], pending text[])
         CROSS JOIN (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS vendor
        OFFSET 0) AS reading
 WHERE mapping.vendor_id = reading.vendor_id AND mapping.item_key = reading.item_key AND mapping.pack_key = reading.pack_key
   AND mapping.user_id = reading.user_id;

-- name: add_invoice
-- Another document of the same type, vendor, date, total and number of lines is told beside it, unless it is about no money. Nothing is
-- booked before the day that the tenant's period is locked at.
INSERT INTO invoices (user_id, id, vendor_id, document_type, status, invoice_number, number_key, invoice_date, currency, total, line_count,
                      posting_sequence, sending, generation, content_hash, created_at, named_vendor_id)
SELECT %(user_id)s, %(invoice_id)s, vendor.id, %(document_type)s::text, %(status)s::text, %(invoice_number)s::text, %(number_key)s::text, %(invoice_date)s::date,
       %(currency)s::text, %(total)s::numeric, %(line_count)s::int, CASE WHEN %(status)s::text <> 'failed' THEN posting_sequence END, 1,
       %(generation)s::int, %(content_hash)s::text, %(now)s::timestamptz, nullif(named.id, vendor.id)
  FROM (SELECT id, merged_into_id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS named
 CROSS JOIN LATERAL (SELECT id, posting_sequence FROM vendors
                      WHERE user_id = %(user_id)s AND id = coalesce(named.merged_into_id, named.id) LIMIT 1) AS vendor
RETURNING total, (SELECT other.id FROM invoices AS other
            WHERE other.user_id = %(user_id)s AND other.vendor_id = invoices.vendor_id AND other.invoice_date = invoices.invoice_date
              AND other.total = invoices.total AND other.line_count = invoices.line_count AND other.id <> invoices.id
              AND other.document_type = invoices.document_type AND other.voided_at IS NULL AND other.status <> 'failed' AND invoices.total <> 0
            ORDER BY other.vendor_id, other.invoice_date, other.total, other.user_id, other.id LIMIT 1) AS near_duplicate,
       (SELECT invoicedb_require(strpos(current_setting('invoicedb.rights'), 'override_period_lock') > 0, 'IV007', locked_before::text)
          FROM catalogs WHERE user_id = %(user_id)s AND locked_before > invoices.invoice_date LIMIT 1) AS unlocked;

-- name: find_corrected
-- What a credit memo corrects stands, and is of its vendor and currency. A statement of its own: the booking of an invoice need not
-- carry it along.
UPDATE invoices AS memo SET corrects_id = found.corrects_id
  FROM (SELECT memo.user_id, memo.id, coalesce(by_id.id, by_number.id) AS corrects_id
          FROM (SELECT * FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS memo
          LEFT JOIN LATERAL (SELECT id FROM invoices
                              WHERE user_id = %(user_id)s AND id = %(corrects_id)s::uuid AND vendor_id = memo.vendor_id
                                AND currency IS NOT DISTINCT FROM memo.currency AND document_type = 'invoice' AND voided_at IS NULL
                              LIMIT 1) AS by_id ON true
          LEFT JOIN LATERAL (SELECT id FROM invoices
                              WHERE user_id = %(user_id)s AND number_key = %(corrects_key)s::text AND vendor_id = memo.vendor_id
                                AND currency IS NOT DISTINCT FROM memo.currency AND document_type = 'invoice' AND voided_at IS NULL
                              LIMIT 1) AS by_number ON true
        OFFSET 0) AS found
 WHERE memo.user_id = found.user_id AND memo.id = found.id RETURNING memo.corrects_id;

-- name: resume_invoice
-- Failed lines sent again: the header keeps its place in the order, or gets one if nothing was booked yet.
UPDATE invoices AS invoice
   SET status = %(status)s, total = %(total)s, sending = %(sending)s, content_hash = %(content_hash)s,
       posting_sequence = coalesce(invoice.posting_sequence, CASE WHEN %(status)s::text <> 'failed' THEN vendor.posting_sequence END)
  FROM (SELECT vendor.posting_sequence
          FROM (SELECT coalesce(merged_into_id, id) AS id FROM vendors
                 WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS named
         CROSS JOIN LATERAL (SELECT posting_sequence FROM vendors WHERE user_id = %(user_id)s AND id = named.id LIMIT 1) AS vendor) AS vendor
 WHERE invoice.id = %(invoice_id)s AND invoice.user_id = %(user_id)s
RETURNING (SELECT invoicedb_require(strpos(current_setting('invoicedb.rights'), 'override_period_lock') > 0, 'IV007', locked_before::text)
          FROM catalogs WHERE user_id = %(user_id)s AND locked_before > invoice.invoice_date LIMIT 1) AS unlocked;

-- name: require_unchanged
-- Under the vendor's lock: nobody has booked more of this invoice since the plan looked, or voided it.
SELECT invoicedb_require(EXISTS (SELECT FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s AND voided_at IS NULL
                                                        AND content_hash = %(seen_hash)s AND sending = %(sending)s - 1),
                         'IV002', 'the invoice was sent again, or voided, by somebody else');

-- name: add_lines
-- Each good line is resolved here, once, by its mapping; every statement below reads the lines alone. A line that failed in an
-- earlier sending gives way, dismissed or not.
INSERT INTO invoice_lines AS stored
       (user_id, invoice_id, sending, line_number, item_number, description, pack_size, category, quantity, unit_price, line_total,
        item_key, pack_key, error_type, error, as_sent, inventory_item_id, base_quantity, match_method, match_score, match_reasons,
        kind, share, cost_total, corrected_price, ordered_quantity, ordered_pack_size)
SELECT %(user_id)s, %(invoice_id)s, %(sending)s, line.line_number, line.item_number, coalesce(line.description, ''), line.pack_size,
       line.category, line.quantity, line.unit_price, line.line_total, line.item_key, line.pack_key, line.error_type, line.error,
       line.as_sent, mapping.inventory_item_id, mapping.base_quantity, mapping.match_method, mapping.match_score,
       coalesce(mapping.match_reasons, '[]'), coalesce(line.kind, 'item'), coalesce(line.share, 0),
       CASE WHEN line.item_key IS NOT NULL THEN line.line_total + coalesce(line.share, 0) END, line.corrected_price, line.ordered_quantity,
       line.ordered_pack_size
  FROM jsonb_to_recordset(current_setting('invoicedb.lines')::jsonb)
       AS line (line_number int, item_number text, description text, pack_size text, category text, quantity numeric, unit_price numeric,
                line_total numeric, item_key text, pack_key text, reading text, error_type text, error text, as_sent jsonb, kind text,
                share numeric, corrected_price numeric, ordered_quantity numeric, ordered_pack_size text)
 CROSS JOIN (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS vendor
  LEFT JOIN LATERAL (
    SELECT inventory_item_id, base_quantity,
           CASE WHEN created_by_invoice_id = %(invoice_id)s AND created_by_line_number = line.line_number THEN match_method
                WHEN review_state = 'pending' OR line.reading = ANY (pending_readings) THEN 'fuzzy_review'
                ELSE 'exact' END AS match_method,
           CASE WHEN created_by_invoice_id = %(invoice_id)s AND created_by_line_number = line.line_number THEN match_score END AS match_score,
           CASE WHEN created_by_invoice_id = %(invoice_id)s AND created_by_line_number = line.line_number OR review_state = 'pending'
                THEN match_reasons
                WHEN line.reading = ANY (pending_readings)
                THEN '["the description is not one accepted for this item number"]' END AS match_reasons
      FROM vendor_item_mappings
     WHERE user_id = %(user_id)s AND vendor_id = vendor.id AND item_key = line.item_key AND pack_key = line.pack_key
       AND review_state <> 'rejected'
       AND (line.reading = '' OR line.reading = ANY (accepted_readings) OR line.reading = ANY (pending_readings))
     LIMIT 1) AS mapping ON line.item_key IS NOT NULL
ON CONFLICT (invoice_id, line_number, user_id) DO UPDATE
   SET sending = excluded.sending, item_number = excluded.item_number, description = excluded.description,
       pack_size = excluded.pack_size, category = excluded.category, quantity = excluded.quantity, unit_price = excluded.unit_price,
       line_total = excluded.line_total, item_key = excluded.item_key, pack_key = excluded.pack_key, error_type = excluded.error_type,
       error = excluded.error, as_sent = excluded.as_sent, inventory_item_id = excluded.inventory_item_id,
       base_quantity = excluded.base_quantity, match_method = excluded.match_method, match_score = excluded.match_score,
       match_reasons = excluded.match_reasons, kind = excluded.kind, share = excluded.share, cost_total = excluded.cost_total,
       corrected_price = excluded.corrected_price, ordered_quantity = excluded.ordered_quantity,
       ordered_pack_size = excluded.ordered_pack_size,
       dismissed_at = NULL, dismissed_by = NULL, dismissed_reason = NULL
 WHERE stored.error_type IS NOT NULL;

-- name: lock_items
-- In id order, so that two invoices never wait for each other. NO KEY: foreign keys may still look.
SELECT item.id, invoicedb_require(item.merged_into_id IS NULL, 'IV002', 'an item was merged into another meanwhile')
  FROM (SELECT DISTINCT inventory_item_id FROM invoice_lines
         WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s AND sending = %(sending)s AND inventory_item_id IS NOT NULL
         ORDER BY 1) AS line
 CROSS JOIN LATERAL (SELECT id, merged_into_id FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = line.inventory_item_id FOR NO KEY UPDATE) AS item;

-- name: cost_credits
-- Of a credit memo that names an invoice. What goes back costs its part of what is left of the invoice: of the very pack, of the item
-- number, or of the item; less what other memos have credited of it. The parts of one memo add up, whatever their rounding. A corrected price
-- is, unless the memo says it, the price before less what this memo takes off; of an invoice that is not the last before the memo no more,
-- there is none. One pass over the lines of all documents of the invoice: a look-up for each line would be as many as both have.
UPDATE invoice_lines AS line SET cost_total = found.cost_total, corrected_price = found.corrected_price
  FROM (SELECT own.user_id, own.invoice_id, own.line_number,
               CASE WHEN own.kind <> 'item' THEN own.cost_total
                    WHEN own.left_of_pack > 0 THEN invoicedb_quotient(own.cost_of_pack * (own.back_of_pack + own.moved), own.left_of_pack)
                                                   - invoicedb_quotient(own.cost_of_pack * own.back_of_pack, own.left_of_pack)
                    WHEN own.left_of_number > 0 THEN invoicedb_quotient(own.cost_of_number * (own.back_of_number + own.moved), own.left_of_number)
                                                     - invoicedb_quotient(own.cost_of_number * own.back_of_number, own.left_of_number)
                    WHEN own.left_of_item > 0 THEN invoicedb_quotient(own.cost_of_item * (own.back_of_item + own.moved), own.left_of_item)
                                                   - invoicedb_quotient(own.cost_of_item * own.back_of_item, own.left_of_item)
                    ELSE own.cost_total END AS cost_total,
               CASE WHEN own.kind = 'price_correction'
                    THEN coalesce(own.corrected_price,
                                  CASE WHEN price.unit_price * own.base_quantity >= own.taken_off * price.base_quantity
                                       THEN greatest(invoicedb_quotient(price.unit_price * own.base_quantity, price.base_quantity)
                                                     - own.taken_off, 0) END) END AS corrected_price
          FROM (SELECT %(user_id)s::uuid AS user_id, line.*, memo.id AS memo_id, memo.vendor_id, memo.corrects_id, memo.invoice_date,
                       memo.posting_sequence, memo.currency,
                       sum(moved) FILTER (WHERE NOT is_own) OVER pack AS left_of_pack,
                       sum(line.cost_total) FILTER (WHERE NOT is_own) OVER pack AS cost_of_pack,
                       coalesce(sum(moved) FILTER (WHERE is_own) OVER (pack ORDER BY is_own, line_number
                                                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS back_of_pack,
                       sum(moved) FILTER (WHERE NOT is_own) OVER number AS left_of_number,
                       sum(line.cost_total) FILTER (WHERE NOT is_own) OVER number AS cost_of_number,
                       coalesce(sum(moved) FILTER (WHERE is_own) OVER (number ORDER BY is_own, line_number
                                                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS back_of_number,
                       sum(moved) FILTER (WHERE NOT is_own) OVER item AS left_of_item,
                       sum(line.cost_total) FILTER (WHERE NOT is_own) OVER item AS cost_of_item,
                       coalesce(sum(moved) FILTER (WHERE is_own) OVER (item ORDER BY is_own, line_number
                                                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS back_of_item,
                       sum(line.unit_price) FILTER (WHERE line.invoice_id = memo.id AND kind = 'price_correction') OVER (
                         PARTITION BY line.inventory_item_id, line.base_quantity ORDER BY line.invoice_id = memo.id, sending, line_number
                         ROWS UNBOUNDED PRECEDING) AS taken_off
                  FROM (SELECT id, vendor_id, corrects_id, invoice_date, posting_sequence, currency FROM invoices
                         WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS memo
                 CROSS JOIN LATERAL (
                   SELECT %(invoice_id)s::uuid AS id
                   UNION ALL SELECT memo.corrects_id WHERE memo.corrects_id IS NOT NULL
                   UNION ALL SELECT id FROM invoices WHERE user_id = %(user_id)s AND corrects_id = memo.corrects_id
                                                       AND document_type = 'credit_memo' AND voided_at IS NULL AND id <> memo.id) AS document
                 CROSS JOIN LATERAL (
                   SELECT invoice_id, line_number, sending, kind, inventory_item_id, item_key, pack_key, base_quantity, unit_price, cost_total,
                          corrected_price, quantity * base_quantity * (kind = 'item')::int AS moved,
                          invoice_id = %(invoice_id)s AND sending = %(sending)s AS is_own
                     FROM invoice_lines
                    WHERE user_id = %(user_id)s AND invoice_id = document.id AND inventory_item_id IS NOT NULL OFFSET 0) AS line
                WINDOW pack AS (PARTITION BY line.inventory_item_id, line.item_key, line.pack_key),
                       number AS (PARTITION BY line.inventory_item_id, line.item_key),
                       item AS (PARTITION BY line.inventory_item_id)) AS own
          LEFT JOIN LATERAL (
            SELECT last.unit_price, last.base_quantity
              FROM (SELECT invoice_id, unit_price, base_quantity FROM price_history
                     WHERE user_id = %(user_id)s AND inventory_item_id = own.inventory_item_id AND vendor_id = own.vendor_id
                       AND currency IS NOT DISTINCT FROM own.currency AND invoice_id <> own.memo_id
                       AND voided_at IS NULL AND (invoice_date, posting_sequence, invoice_id, line_number)
                           < (own.invoice_date, own.posting_sequence, own.memo_id, own.line_number)
                     ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1) AS last
              LEFT JOIN LATERAL (SELECT corrects_id FROM invoices WHERE user_id = %(user_id)s AND id = last.invoice_id LIMIT 1) AS of ON true
             WHERE own.corrects_id IS NULL OR own.corrects_id IN (last.invoice_id, of.corrects_id)) AS price
                 ON own.kind = 'price_correction'
         WHERE own.is_own
        OFFSET 0) AS found
 WHERE line.user_id = found.user_id AND line.invoice_id = found.invoice_id AND line.line_number = found.line_number;

-- name: add_movements
-- The line's money was rounded where it was read, and travels with the line. A price correction moves money alone.
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
SELECT user_id, invoice_id, line_number, inventory_item_id,
       CASE WHEN kind = 'price_correction' THEN kind WHEN quantity > 0 THEN 'purchase' ELSE 'return' END, %(document_type)s,
       CASE WHEN kind = 'price_correction' THEN 0 ELSE quantity * base_quantity END,
       invoicedb_quotient(cost_total, quantity * base_quantity), cost_total, %(invoice_date)s
  FROM invoice_lines
 WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s AND sending = %(sending)s AND inventory_item_id IS NOT NULL;

-- name: add_prices
-- Of what was bought, and of prices that were corrected; what goes back has no price of its own.
-- The predecessor is the line before in this sending, else the last price point before; where an earlier sending booked lines in
-- between, the later of the two; in the same currency only. The look-up's gate is inside it: else it runs for each of many lines of
-- one item, past all that this statement has just written. Restated for this line's pack: multiplied before it is divided, so that equal packs give the plain price.
INSERT INTO price_history (user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence, unit_price,
                           pack_size, base_quantity, base_unit_price, currency, previous_price, price_change_percent, is_price_increase)
SELECT user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence, unit_price, pack_size, base_quantity,
       invoicedb_quotient(unit_price, base_quantity), currency, invoicedb_quotient(price_before * base_quantity, base_before),
       invoicedb_percent(price_before * base_quantity, unit_price * base_before),
       unit_price * base_before > price_before * base_quantity
  FROM (SELECT line.*,
               CASE WHEN line.line_before IS NULL OR point.earlier_line > line.line_before THEN point.unit_price
                    ELSE line.lag_price END AS price_before,
               CASE WHEN line.line_before IS NULL OR point.earlier_line > line.line_before THEN point.base_quantity
                    ELSE line.lag_base END AS base_before
          FROM (SELECT line.user_id, line.invoice_id, line.line_number, line.inventory_item_id,
                       coalesce(line.corrected_price, line.unit_price) AS unit_price, line.pack_size, line.base_quantity, invoice.vendor_id, invoice.invoice_date, invoice.posting_sequence, invoice.currency,
                       lag(line.line_number) OVER earlier AS line_before,
                       lag(coalesce(line.corrected_price, line.unit_price)) OVER earlier AS lag_price,
                       lag(line.base_quantity) OVER earlier AS lag_base
                  FROM (SELECT vendor_id, invoice_date, posting_sequence, currency FROM invoices
                         WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS invoice
                 CROSS JOIN invoice_lines AS line
                 WHERE line.user_id = %(user_id)s AND line.invoice_id = %(invoice_id)s AND line.sending = %(sending)s
                   AND line.inventory_item_id IS NOT NULL AND (line.quantity > 0 OR line.corrected_price IS NOT NULL)
                WINDOW earlier AS (PARTITION BY line.inventory_item_id ORDER BY line.line_number)) AS line
          LEFT JOIN LATERAL (SELECT unit_price, base_quantity,
                                    CASE WHEN invoice_id = line.invoice_id THEN line_number END AS earlier_line
                               FROM price_history
                              WHERE (line.line_before IS NULL OR %(sending)s > 1)
                                AND user_id = %(user_id)s AND inventory_item_id = line.inventory_item_id AND vendor_id = line.vendor_id
                                AND currency IS NOT DISTINCT FROM line.currency
                                AND voided_at IS NULL AND (invoice_date, posting_sequence, invoice_id, line_number)
                                    < (line.invoice_date, line.posting_sequence, line.invoice_id, line.line_number)
                              ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1) AS point
                 ON true
         OFFSET 0) AS line;

-- name: mend_successors
-- The point after each new one now has another predecessor. A point of this very sending knows its own already.
-- user_id comes from the source, not as a constant: the plan can only start there, whatever the statistics say.
UPDATE price_history AS next
   SET previous_price = invoicedb_quotient(point.unit_price * next.base_quantity, point.base_quantity),
       price_change_percent = invoicedb_percent(point.unit_price * next.base_quantity, next.unit_price * point.base_quantity),
       is_price_increase = next.unit_price * point.base_quantity > point.unit_price * next.base_quantity
  FROM (SELECT successor.user_id, successor.invoice_id, successor.line_number, point.unit_price, point.base_quantity
          FROM (SELECT * FROM price_history WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s) AS point
         CROSS JOIN LATERAL (SELECT user_id, invoice_id, line_number FROM price_history
                              WHERE user_id = %(user_id)s AND inventory_item_id = point.inventory_item_id AND vendor_id = point.vendor_id
                                AND currency IS NOT DISTINCT FROM point.currency
                                AND voided_at IS NULL AND (invoice_date, posting_sequence, invoice_id, line_number)
                                    > (point.invoice_date, point.posting_sequence, point.invoice_id, point.line_number)
                              ORDER BY invoice_date, posting_sequence, invoice_id, line_number LIMIT 1) AS successor
         WHERE successor.invoice_id <> point.invoice_id OR %(sending)s > 1
        OFFSET 0) AS point
 WHERE next.user_id = point.user_id AND next.invoice_id = point.invoice_id AND next.line_number = point.line_number;

-- name: raise_stock
-- Summed per item first: UPDATE ... FROM applies one row to each target, and an item may be on two lines.
-- The last purchase is the later of the two by date, vendor, posting sequence, invoice and line: the same whoever commits first.
-- (A comparison with an item that was never bought is NULL, and so not false.) What only went back is no purchase.
UPDATE inventory_items AS item
   SET current_quantity = item.current_quantity + moved.base_quantity,
       (last_purchase_price, last_base_unit_price, last_purchase_date, last_vendor_id, last_posting_sequence, last_invoice_id,
        last_line_number) = (
         SELECT moved.unit_price, invoicedb_quotient(moved.unit_price, moved.pack_quantity), moved.invoice_date, moved.vendor_id,
                moved.posting_sequence, moved.invoice_id, moved.line_number
          WHERE moved.line_number IS NOT NULL AND (item.last_purchase_date, item.last_vendor_id, item.last_posting_sequence, item.last_invoice_id, item.last_line_number)
                < (moved.invoice_date, moved.vendor_id, moved.posting_sequence, moved.invoice_id, moved.line_number) IS NOT FALSE
         UNION ALL
         SELECT item.last_purchase_price, item.last_base_unit_price, item.last_purchase_date, item.last_vendor_id,
                item.last_posting_sequence, item.last_invoice_id, item.last_line_number
         LIMIT 1)
  FROM (SELECT line.user_id, line.invoice_id, line.inventory_item_id, invoice.vendor_id, invoice.invoice_date, invoice.posting_sequence,
               sum(CASE WHEN line.kind = 'price_correction' THEN 0 ELSE line.quantity * line.base_quantity END) AS base_quantity,
               max(line.line_number) FILTER (WHERE line.quantity > 0 OR line.corrected_price IS NOT NULL) AS line_number,
               (array_agg(coalesce(line.corrected_price, line.unit_price) ORDER BY line.line_number DESC)
                  FILTER (WHERE line.quantity > 0 OR line.corrected_price IS NOT NULL))[1] AS unit_price,
               (array_agg(line.base_quantity ORDER BY line.line_number DESC)
                  FILTER (WHERE line.quantity > 0 OR line.corrected_price IS NOT NULL))[1] AS pack_quantity
          FROM (SELECT vendor_id, invoice_date, posting_sequence FROM invoices
                 WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS invoice
         CROSS JOIN invoice_lines AS line
         WHERE line.user_id = %(user_id)s AND line.invoice_id = %(invoice_id)s AND line.sending = %(sending)s
           AND line.inventory_item_id IS NOT NULL
         GROUP BY 1, 2, 3, 4, 5, 6 OFFSET 0) AS moved
 WHERE item.user_id = moved.user_id AND item.id = moved.inventory_item_id;

-- name: excess_returns
-- Items of which this document takes back more than is there: than is left in stock, or, of a credit memo that names an invoice, than
-- that invoice has, whatever else was credited of it. Leaves invoicedb.excess.
SELECT item.id, item.name, trim_scale(coalesce(found.excess, -item.current_quantity)) AS excess, item.base_unit, found.of_invoice,
       set_config('invoicedb.excess', 'true', true) AS not_echoed
  FROM (SELECT DISTINCT inventory_item_id, NULL::uuid AS of_invoice, NULL::numeric AS excess FROM invoice_lines
         WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s AND sending = %(sending)s AND inventory_item_id IS NOT NULL
           AND kind = 'item' AND quantity < 0
        UNION ALL
        SELECT line.inventory_item_id, memo.corrects_id, -sum(line.quantity * line.base_quantity)
          FROM (SELECT corrects_id FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS memo
         CROSS JOIN LATERAL (
           SELECT memo.corrects_id AS id WHERE memo.corrects_id IS NOT NULL
           UNION ALL SELECT id FROM invoices WHERE user_id = %(user_id)s AND corrects_id = memo.corrects_id AND document_type = 'credit_memo'
                                               AND voided_at IS NULL) AS document
         CROSS JOIN LATERAL (SELECT invoice_id, sending, inventory_item_id, quantity, base_quantity FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = document.id AND kind = 'item'
                                AND inventory_item_id IS NOT NULL OFFSET 0) AS line
         GROUP BY line.inventory_item_id, memo.corrects_id
        HAVING sum(line.quantity * line.base_quantity) < 0
           AND bool_or(line.invoice_id = %(invoice_id)s AND line.sending = %(sending)s AND line.quantity < 0)) AS found
 CROSS JOIN LATERAL (SELECT id, name, base_unit, current_quantity FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = found.inventory_item_id LIMIT 1) AS item
 WHERE found.of_invoice IS NOT NULL OR item.current_quantity < 0
 ORDER BY item.name, item.id, found.of_invoice NULLS FIRST;

-- name: refuse_excess_returns
SELECT invoicedb_require(coalesce(current_setting('invoicedb.excess', true), '') <> 'true', 'IV006', 'more goes back than was bought');

-- name: booked_lines
-- What an invoice's lines came to, for a result, a replay and a report alike. Stock and cost by the line itself, as it stands now:
-- its first movement is reversed when the line is moved to another item.
SELECT line.line_number, line.item_number, line.description, line.pack_size, line.category, line.quantity, line.unit_price,
       line.line_total, line.inventory_item_id, item.name AS item_name, item.base_unit, line.base_quantity AS pack_quantity,
       line.match_method, line.match_score, nullif(line.match_reasons, '[]') AS match_reasons,
       line.quantity * line.base_quantity * (line.kind <> 'price_correction')::int AS quantity_change,
       invoicedb_quotient(line.cost_total, line.quantity * line.base_quantity) AS unit_cost, line.cost_total AS total_cost,
       price.previous_price, price.price_change_percent, price.is_price_increase, line.error_type, line.error, line.kind,
       line.corrected_price, line.ordered_quantity, line.ordered_pack_size,
       line.dismissed_at, line.dismissed_by, line.dismissed_reason
  FROM invoice_lines AS line
  LEFT JOIN LATERAL (SELECT previous_price, price_change_percent, is_price_increase FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = line.invoice_id AND line_number = line.line_number LIMIT 1)
         AS price ON true
  LEFT JOIN LATERAL (SELECT name, base_unit FROM inventory_items WHERE user_id = %(user_id)s AND id = line.inventory_item_id LIMIT 1)
         AS item ON true
 WHERE line.user_id = %(user_id)s AND line.invoice_id = %(invoice_id)s
 ORDER BY line.line_number;

-- name: answer
-- The booked lines, after a check that there are as many as were sent and that each item's has its movement and its price: rows that
-- a policy hides would be missing silently.
WITH booked AS MATERIALIZED (
  SELECT line.sending, movement.reference_id AS moved, price.invoice_id AS priced, line.line_number, line.item_number, line.description, line.pack_size,
         line.category, line.quantity, line.unit_price, line.line_total, line.inventory_item_id, item.name AS item_name, item.base_unit, line.base_quantity AS pack_quantity,
         line.match_method, line.match_score, nullif(line.match_reasons, '[]') AS match_reasons,
         line.quantity * line.base_quantity * (line.kind <> 'price_correction')::int AS quantity_change,
         invoicedb_quotient(line.cost_total, line.quantity * line.base_quantity) AS unit_cost, line.cost_total AS total_cost,
         price.previous_price, price.price_change_percent, price.is_price_increase, line.error_type, line.error, line.kind,
         line.corrected_price, line.ordered_quantity, line.ordered_pack_size,
         line.dismissed_at, line.dismissed_by, line.dismissed_reason
    FROM invoice_lines AS line
    LEFT JOIN LATERAL (SELECT reference_id FROM inventory_transactions
                        WHERE user_id = %(user_id)s AND reference_id = line.invoice_id AND line_number = line.line_number LIMIT 1)
           AS movement ON true
    LEFT JOIN LATERAL (SELECT invoice_id, previous_price, price_change_percent, is_price_increase FROM price_history
                        WHERE user_id = %(user_id)s AND invoice_id = line.invoice_id AND line_number = line.line_number LIMIT 1)
           AS price ON true
    LEFT JOIN LATERAL (SELECT name, base_unit FROM inventory_items WHERE user_id = %(user_id)s AND id = line.inventory_item_id LIMIT 1)
           AS item ON true
   WHERE line.user_id = %(user_id)s AND line.invoice_id = %(invoice_id)s
)
SELECT booked.line_number, booked.item_number, booked.description, booked.pack_size, booked.category, booked.quantity, booked.unit_price,
       booked.line_total, booked.inventory_item_id, booked.item_name, booked.base_unit, booked.pack_quantity, booked.match_method,
       booked.match_score, booked.match_reasons, booked.quantity_change, booked.unit_cost, booked.total_cost, booked.previous_price,
       booked.price_change_percent, booked.is_price_increase, booked.error_type, booked.error, booked.kind, booked.corrected_price,
       booked.ordered_quantity, booked.ordered_pack_size,
       booked.dismissed_at, booked.dismissed_by, booked.dismissed_reason
  FROM (SELECT invoicedb_require(
                 count(*) FILTER (WHERE sending = %(sending)s) = %(lines_sent)s AND count(moved) = %(lines_moving)s
                 AND count(priced) = count(*) FILTER (WHERE moved IS NOT NULL AND (quantity > 0 OR corrected_price IS NOT NULL)), 'IV003', 'fewer rows were written than lines were planned') FROM booked) AS checked
 CROSS JOIN booked ORDER BY booked.line_number;

-- Corrections: what is booked is reversed by rows of its own, never changed or deleted. Locks in the booking's order.

-- name: look_up_void
-- Leaves invoicedb.open: whether the document is an invoice or a credit memo that stands, and stands alone.
SELECT invoice.document_type, invoice.invoice_number, invoice.invoice_date, invoice.generation, invoice.voided_at IS NOT NULL AS is_voided,
       vendor.name AS vendor_name, void.reason, void.made_by, credit.ids AS credit_ids,
       set_config('invoicedb.open', (invoice.document_type IN ('invoice', 'credit_memo') AND invoice.voided_at IS NULL
                                     AND credit.ids IS NULL)::text, true) IS NULL AS not_echoed
  FROM (SELECT * FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS invoice
  LEFT JOIN LATERAL (SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = invoice.vendor_id LIMIT 1) AS vendor ON true
  LEFT JOIN LATERAL (SELECT reason, made_by FROM invoices WHERE user_id = %(user_id)s AND id = %(void_id)s LIMIT 1) AS void ON true
 CROSS JOIN LATERAL (SELECT array_agg(id ORDER BY id) AS ids FROM invoices
                      WHERE user_id = %(user_id)s AND corrects_id = invoice.id AND document_type = 'credit_memo' AND voided_at IS NULL
                        AND status <> 'failed')
         AS credit;

-- name: require_open
SELECT invoicedb_require(current_setting('invoicedb.open', true) = 'true', 'IV001', 'there is no such invoice to void');

-- name: lock_vendor_of_invoice
-- Leaves invoicedb.vendor_id: the invoice may go to another vendor while this one is waited for.
UPDATE vendors AS vendor SET posting_sequence = vendor.posting_sequence + 1
  FROM (SELECT user_id, vendor_id FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s OFFSET 0) AS invoice
 WHERE vendor.user_id = invoice.user_id AND vendor.id = invoice.vendor_id
RETURNING set_config('invoicedb.vendor_id', vendor.id::text, true) IS NULL AS not_echoed;

-- name: void_invoice
-- Under the vendor's lock: somebody else may have been first, or has credited it, or has merged its vendor.
WITH voided AS (
  UPDATE invoices SET voided_at = %(now)s WHERE user_id = %(user_id)s AND id = %(invoice_id)s AND voided_at IS NULL
     AND vendor_id = nullif(current_setting('invoicedb.vendor_id', true), '')::uuid RETURNING id)
SELECT invoicedb_require(count(*) = 1 AND NOT EXISTS (SELECT FROM invoices WHERE user_id = %(user_id)s AND corrects_id = %(invoice_id)s
                                                         AND document_type = 'credit_memo' AND voided_at IS NULL AND status <> 'failed'),
                         'IV002', 'the invoice was voided or credited by somebody else') FROM voided;

-- name: add_void
INSERT INTO invoices (user_id, id, vendor_id, document_type, status, invoice_date, currency, total, line_count, posting_sequence,
                      sending, generation, content_hash, created_at, corrects_id, named_vendor_id, reason, made_by)
SELECT user_id, %(void_id)s, vendor_id, 'void', 'success', invoice_date, currency, -total, line_count, vendor.posting_sequence, 1,
       generation, content_hash, %(now)s, id, named_vendor_id, %(reason)s, %(made_by)s
  FROM (SELECT * FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS invoice
 CROSS JOIN LATERAL (SELECT posting_sequence FROM vendors WHERE user_id = %(user_id)s AND id = invoice.vendor_id LIMIT 1) AS vendor
RETURNING (SELECT invoicedb_require(strpos(current_setting('invoicedb.rights'), 'override_period_lock') > 0, 'IV007', locked_before::text)
          FROM catalogs WHERE user_id = %(user_id)s AND locked_before > invoices.invoice_date LIMIT 1) AS unlocked;

-- name: lock_items_of_invoice
-- Those that the lines stand for now, whatever they were booked to: theirs are the movements that are not reversed yet.
SELECT item.id
  FROM (SELECT DISTINCT inventory_item_id FROM invoice_lines
         WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s AND inventory_item_id IS NOT NULL ORDER BY 1) AS line
 CROSS JOIN LATERAL (SELECT id FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = line.inventory_item_id FOR NO KEY UPDATE) AS item;

-- name: add_reversals
-- With the effective date of what they reverse: stock as of any day is then as if it had never been. Of a line that was moved to
-- another item its own movement is reversed already, and the last correction's stands for it: one a line, under the line's number.
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date, reverses_reference_id, reverses_line_number)
SELECT movement.user_id, %(void_id)s, coalesce(movement.of_line_number, movement.line_number), movement.inventory_item_id, 'reversal',
       'void', -movement.quantity_change, movement.unit_cost, -movement.total_cost, movement.transaction_date, movement.reference_id,
       movement.line_number
  FROM (SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = %(invoice_id)s
        UNION ALL
        SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND of_invoice_id = %(invoice_id)s) AS movement
  LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                        AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
 WHERE reversal.found IS NULL;

-- name: void_prices
-- Not only those that are in the chain: that would draw in the chain's index.
UPDATE price_history SET voided_at = %(now)s WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s;

-- name: mend_after_void
-- What followed a voided point now follows the point before it, or none. Many voided points may have one successor.
UPDATE price_history AS next
   SET previous_price = invoicedb_quotient(point.unit_price * next.base_quantity, point.base_quantity),
       price_change_percent = invoicedb_percent(point.unit_price * next.base_quantity, next.unit_price * point.base_quantity),
       is_price_increase = next.unit_price * point.base_quantity > point.unit_price * next.base_quantity
  FROM (SELECT DISTINCT successor.user_id, successor.invoice_id, successor.line_number, before.unit_price, before.base_quantity
          FROM (SELECT * FROM price_history WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s) AS voided
         CROSS JOIN LATERAL (SELECT * FROM price_history
                              WHERE user_id = %(user_id)s AND inventory_item_id = voided.inventory_item_id AND vendor_id = voided.vendor_id
                                AND currency IS NOT DISTINCT FROM voided.currency
                                AND voided_at IS NULL AND (invoice_date, posting_sequence, invoice_id, line_number)
                                    > (voided.invoice_date, voided.posting_sequence, voided.invoice_id, voided.line_number)
                              ORDER BY invoice_date, posting_sequence, invoice_id, line_number LIMIT 1) AS successor
          LEFT JOIN LATERAL (SELECT unit_price, base_quantity FROM price_history
                              WHERE user_id = %(user_id)s AND inventory_item_id = voided.inventory_item_id AND vendor_id = voided.vendor_id
                                AND currency IS NOT DISTINCT FROM voided.currency
                                AND voided_at IS NULL AND (invoice_date, posting_sequence, invoice_id, line_number)
                                    < (successor.invoice_date, successor.posting_sequence, successor.invoice_id, successor.line_number)
                              ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1) AS before
                 ON true
        OFFSET 0) AS point
 WHERE next.user_id = point.user_id AND next.invoice_id = point.invoice_id AND next.line_number = point.line_number;

-- name: move_stock
-- By what a correcting document has moved. An item's last purchase is then the last price that stands, over all vendors that it is
-- mapped for; none where there is none.
UPDATE inventory_items AS item
   SET current_quantity = item.current_quantity + moved.quantity_change,
       (last_purchase_price, last_base_unit_price, last_purchase_date, last_vendor_id, last_posting_sequence, last_invoice_id,
        last_line_number) = (
         SELECT price.unit_price, price.base_unit_price, price.invoice_date, price.vendor_id, price.posting_sequence, price.invoice_id,
                price.line_number
           FROM (SELECT DISTINCT vendor_id FROM vendor_item_mappings
                  WHERE user_id = %(user_id)s AND inventory_item_id = item.id) AS mapped
          CROSS JOIN LATERAL (SELECT * FROM price_history
                               WHERE user_id = %(user_id)s AND inventory_item_id = item.id AND vendor_id = mapped.vendor_id
                                 AND voided_at IS NULL
                               ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1) AS price
          ORDER BY price.invoice_date DESC, price.vendor_id DESC, price.posting_sequence DESC, price.invoice_id DESC,
                   price.line_number DESC LIMIT 1)
  FROM (SELECT user_id, inventory_item_id, sum(quantity_change) AS quantity_change FROM inventory_transactions
         WHERE user_id = %(user_id)s AND reference_id = %(document_id)s GROUP BY 1, 2 OFFSET 0) AS moved
 WHERE item.user_id = moved.user_id AND item.id = moved.inventory_item_id;

-- name: list_document_movements
-- Of a correcting document.
SELECT movement.line_number, movement.inventory_item_id, item.name AS item_name, item.base_unit, movement.quantity_change,
       movement.unit_cost, movement.total_cost
  FROM inventory_transactions AS movement
 CROSS JOIN LATERAL (SELECT name, base_unit FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = movement.inventory_item_id LIMIT 1) AS item
 WHERE movement.user_id = %(user_id)s AND movement.reference_id = %(document_id)s
 ORDER BY movement.line_number;

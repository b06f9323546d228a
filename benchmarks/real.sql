-- What must be true of a tenant once real invoices are booked. Each statement counts what contradicts it: 0 is right. Their names
-- are what is shown.

-- name: stock that is not the sum of its movements
SELECT count(*)
  FROM inventory_items AS item
  LEFT JOIN (SELECT inventory_item_id, sum(quantity_change) AS moved FROM inventory_transactions
              WHERE user_id = %(user_id)s GROUP BY inventory_item_id) AS movement ON movement.inventory_item_id = item.id
 WHERE item.user_id = %(user_id)s AND item.current_quantity IS DISTINCT FROM coalesce(movement.moved, 0);

-- name: booked lines without exactly one movement and one price point
-- What went back has no price point.
SELECT count(*)
  FROM invoice_lines AS line
 WHERE line.user_id = %(user_id)s AND line.error_type IS NULL
   AND ((SELECT count(*) FROM inventory_transactions AS movement
          WHERE movement.user_id = line.user_id AND movement.reference_id = line.invoice_id AND movement.line_number = line.line_number
            AND movement.inventory_item_id = line.inventory_item_id) <> 1
     OR (SELECT count(*) FROM price_history AS price
          WHERE price.user_id = line.user_id AND price.invoice_id = line.invoice_id AND price.line_number = line.line_number
            AND price.inventory_item_id = line.inventory_item_id) <> (line.quantity > 0)::int);

-- name: movements and price points without a booked line
SELECT count(*)
  FROM (SELECT reference_id AS invoice_id, line_number FROM inventory_transactions WHERE user_id = %(user_id)s
        UNION ALL SELECT invoice_id, line_number FROM price_history WHERE user_id = %(user_id)s) AS written
  LEFT JOIN invoice_lines AS line
         ON line.user_id = %(user_id)s AND line.invoice_id = written.invoice_id AND line.line_number = written.line_number
        AND line.error_type IS NULL
 WHERE line.invoice_id IS NULL;

-- name: movements that are not quantity times pack, or not the line's money
SELECT count(*)
  FROM invoice_lines AS line
  JOIN inventory_transactions AS movement
    ON movement.user_id = line.user_id AND movement.reference_id = line.invoice_id AND movement.line_number = line.line_number
 WHERE line.user_id = %(user_id)s
   AND (movement.quantity_change <> line.quantity * line.base_quantity OR movement.total_cost <> line.line_total);

-- name: previous prices that are not the predecessor's
-- The order of the chain, and the quotient, as the design page has them.
SELECT count(*)
  FROM (SELECT price.previous_price, invoicedb_quotient(lag(price.unit_price) OVER earlier * price.base_quantity,
                                                        lag(price.base_quantity) OVER earlier) AS expected
          FROM price_history AS price
         WHERE price.user_id = %(user_id)s AND price.voided_at IS NULL
        WINDOW earlier AS (PARTITION BY price.inventory_item_id, price.vendor_id, price.currency
                               ORDER BY price.invoice_date, price.posting_sequence, price.invoice_id, price.line_number)) AS chain
 WHERE chain.previous_price IS DISTINCT FROM chain.expected;

-- name: items whose last price is not that of their last purchase
SELECT count(*)
  FROM inventory_items AS item
 CROSS JOIN LATERAL (SELECT price.unit_price, price.invoice_date FROM price_history AS price
                      WHERE price.user_id = item.user_id AND price.inventory_item_id = item.id AND price.voided_at IS NULL
                      ORDER BY price.invoice_date DESC, price.vendor_id DESC, price.posting_sequence DESC, price.invoice_id DESC,
                               price.line_number DESC LIMIT 1) AS latest
 WHERE item.user_id = %(user_id)s
   AND (item.last_purchase_price, item.last_purchase_date) IS DISTINCT FROM (latest.unit_price, latest.invoice_date);

-- name: invoices whose status, total or count is not that of their lines
SELECT count(*)
  FROM invoices AS invoice
 CROSS JOIN LATERAL (SELECT count(*) AS lines, count(*) FILTER (WHERE error_type IS NULL) AS booked,
                            coalesce(sum(line_total) FILTER (WHERE error_type IS NULL), 0) AS total
                       FROM invoice_lines WHERE user_id = invoice.user_id AND invoice_id = invoice.id) AS found
 WHERE invoice.user_id = %(user_id)s
   AND (invoice.line_count <> found.lines OR invoice.total <> found.total
     OR invoice.status <> CASE WHEN found.booked = 0 THEN 'failed' WHEN found.booked < found.lines THEN 'partial_success'
                               ELSE 'success' END);

-- name: lines of taken invoices that were sent but not kept
SELECT %(sent)s - count(*) FROM invoice_lines WHERE user_id = %(user_id)s;

-- name: failed lines without a reason
SELECT count(*) FROM invoice_lines
 WHERE user_id = %(user_id)s AND error_type IS NOT NULL AND (coalesce(error, '') = '' OR error_type = 'unknown');

-- ---- and what is no contradiction, but a person's work ----

-- name: decisions_waiting
-- A vendor's item in one pack whose match, or whose further description, nobody has looked at.
SELECT count(*) FROM vendor_item_mappings
 WHERE user_id = %(user_id)s AND (review_state = 'pending' OR cardinality(pending_readings) > 0);

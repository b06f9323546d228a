-- What was bought, added up over the invoices of a period: what stands of them, line by line as it is booked now. Signed money: what
-- came back is negative on its lines. Each currency by itself. The list is by name, id, month and currency; nothing is before anything.

-- name: purchases_by_vendor
-- All kinds of lines: what the vendor is paid.
SELECT vendor.id, vendor.name, bought.month, bought.currency, bought.total, bought.document_count, bought.line_count,
       NULL::numeric AS quantity, NULL::text AS base_unit
  FROM (SELECT invoice.vendor_id, invoice.month, invoice.currency, sum(line.total) AS total, count(*) AS document_count,
               sum(line.count)::bigint AS line_count
          FROM (SELECT id, vendor_id, currency, CASE WHEN %(monthly)s THEN date_trunc('month', invoice_date::timestamp)::date END AS month
                  FROM invoices
                 WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND document_type IN ('invoice', 'credit_memo')
                   AND voided_at IS NULL AND (invoice_date - DATE '1900-01-01')
                       BETWEEN %(since)s::date - DATE '1900-01-01' AND %(until)s::date - DATE '1900-01-01' OFFSET 0) AS invoice
         CROSS JOIN LATERAL (SELECT sum(line_total) AS total, count(*) AS count FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND error_type IS NULL) AS line
         WHERE line.count > 0
         GROUP BY 1, 2, 3) AS bought
 CROSS JOIN LATERAL (SELECT id, name FROM vendors WHERE user_id = %(user_id)s AND id = bought.vendor_id LIMIT 1) AS vendor
 WHERE %(after_name)s::text IS NULL
    OR (vendor.name, vendor.id::text, coalesce(bought.month, '-infinity'), coalesce(bought.currency, ''))
       > (%(after_name)s::text, %(after_id)s::text, coalesce(%(after_month)s::date, '-infinity'), %(after_currency)s::text)
 ORDER BY vendor.name, vendor.id::text, coalesce(bought.month, '-infinity'), coalesce(bought.currency, '') LIMIT %(limit)s;

-- name: purchases_by_category
-- The item's own category, whatever a line was sent with. Per invoice first, so that documents are counted without sorting them.
SELECT NULL::uuid AS id, bought.category AS name, bought.month, bought.currency, bought.total, bought.document_count, bought.line_count,
       NULL::numeric AS quantity, NULL::text AS base_unit
  FROM (SELECT line.category, invoice.month, invoice.currency, sum(line.total) AS total, count(*) AS document_count,
               sum(line.count)::bigint AS line_count
          FROM (SELECT id, currency, CASE WHEN %(monthly)s THEN date_trunc('month', invoice_date::timestamp)::date END AS month
                  FROM invoices
                 WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND document_type IN ('invoice', 'credit_memo')
                   AND voided_at IS NULL AND (invoice_date - DATE '1900-01-01')
                       BETWEEN %(since)s::date - DATE '1900-01-01' AND %(until)s::date - DATE '1900-01-01' OFFSET 0) AS invoice
         CROSS JOIN LATERAL (
           SELECT nullif(item.category, '') AS category, sum(line.line_total) AS total, count(*) AS count
             FROM (SELECT inventory_item_id, line_total FROM invoice_lines
                    WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND inventory_item_id IS NOT NULL) AS line
            CROSS JOIN LATERAL (SELECT category FROM inventory_items
                                 WHERE user_id = %(user_id)s AND id = line.inventory_item_id LIMIT 1) AS item
            GROUP BY 1) AS line
         GROUP BY 1, 2, 3) AS bought
 WHERE %(after_name)s::text IS NULL
    OR (coalesce(bought.category, ''), ''::text, coalesce(bought.month, '-infinity'), coalesce(bought.currency, ''))
       > (%(after_name)s::text, %(after_id)s::text, coalesce(%(after_month)s::date, '-infinity'), %(after_currency)s::text)
 ORDER BY coalesce(bought.category, ''), coalesce(bought.month, '-infinity'), coalesce(bought.currency, '') LIMIT %(limit)s;

-- name: purchases_by_item
SELECT item.id, item.name, bought.month, bought.currency, bought.total, bought.document_count, bought.line_count, bought.quantity,
       item.base_unit
  FROM (SELECT line.inventory_item_id, invoice.month, invoice.currency, sum(line.total) AS total, count(*) AS document_count,
               sum(line.count)::bigint AS line_count, sum(line.quantity) AS quantity
          FROM (SELECT id, currency, CASE WHEN %(monthly)s THEN date_trunc('month', invoice_date::timestamp)::date END AS month
                  FROM invoices
                 WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND document_type IN ('invoice', 'credit_memo')
                   AND voided_at IS NULL AND (invoice_date - DATE '1900-01-01')
                       BETWEEN %(since)s::date - DATE '1900-01-01' AND %(until)s::date - DATE '1900-01-01' OFFSET 0) AS invoice
         CROSS JOIN LATERAL (SELECT inventory_item_id, sum(line_total) AS total, count(*) AS count, sum(quantity * base_quantity * (kind <> 'price_correction')::int) AS quantity
                               FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND inventory_item_id IS NOT NULL
                              GROUP BY 1) AS line
         GROUP BY 1, 2, 3) AS bought
 CROSS JOIN LATERAL (SELECT id, name, base_unit FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = bought.inventory_item_id LIMIT 1) AS item
 WHERE %(after_name)s::text IS NULL
    OR (item.name, item.id::text, coalesce(bought.month, '-infinity'), coalesce(bought.currency, ''))
       > (%(after_name)s::text, %(after_id)s::text, coalesce(%(after_month)s::date, '-infinity'), %(after_currency)s::text)
 ORDER BY item.name, item.id::text, coalesce(bought.month, '-infinity'), coalesce(bought.currency, '') LIMIT %(limit)s;

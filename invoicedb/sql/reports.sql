-- What users read. Lists of a tenant name user_id twice: the expression is what the index leads with, the plain one is the rule.

-- name: find_invoice
SELECT invoice.id, vendor.name AS vendor_name, invoice.invoice_number, invoice.invoice_date, invoice.currency, invoice.total,
       invoice.line_count, invoice.status, invoice.voided_at IS NOT NULL AS is_voided, invoice.document_type, invoice.corrects_id
  FROM invoices AS invoice
 CROSS JOIN LATERAL (SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = invoice.vendor_id LIMIT 1) AS vendor
 WHERE invoice.user_id = %(user_id)s AND invoice.id = %(invoice_id)s;

-- name: list_invoices
-- A void or a correction is no invoice: it shows in what it corrects.
SELECT invoice.id, vendor.name AS vendor_name, invoice.invoice_number, invoice.invoice_date, invoice.currency, invoice.total,
       invoice.line_count, invoice.status, invoice.voided_at IS NOT NULL AS is_voided, invoice.document_type, invoice.corrects_id
  FROM invoices AS invoice
 CROSS JOIN LATERAL (SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = invoice.vendor_id LIMIT 1) AS vendor
 WHERE invoice.user_id = %(user_id)s AND invoice.user_id::text = %(user_id)s::text AND invoice.document_type IN ('invoice', 'credit_memo')
   AND (invoice.invoice_date - DATE '1900-01-01') BETWEEN %(since)s::date - DATE '1900-01-01' AND %(until)s::date - DATE '1900-01-01'
   AND ((invoice.invoice_date - DATE '1900-01-01'), invoice.id::text) > (%(after_date)s::date - DATE '1900-01-01', %(after_id)s::text)
   AND (%(vendor_key)s::text IS NULL
        OR invoice.vendor_id = (SELECT coalesce(merged_into_id, id) FROM vendors
                                 WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s::text LIMIT 1))
   AND (%(status)s::text IS NULL OR invoice.status = %(status)s::text)
 ORDER BY invoice.user_id::text, (invoice.invoice_date - DATE '1900-01-01'), invoice.id::text LIMIT %(limit)s;

-- name: list_stock
-- The value is the stock at the price of the last pack by what that pack holds: divided once, so that 2 packs at 30.00 are 60.00.
SELECT item.id, item.name, item.category, item.base_unit, item.current_quantity, item.last_purchase_price, item.last_purchase_date,
       item.last_base_unit_price, invoicedb_quotient(item.current_quantity * last.unit_price, last.base_quantity) AS last_value,
       last.currency AS last_currency
  FROM inventory_items AS item
  LEFT JOIN LATERAL (SELECT unit_price, base_quantity, currency FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = item.last_invoice_id AND line_number = item.last_line_number LIMIT 1)
         AS last ON true
 WHERE item.user_id = %(user_id)s AND item.user_id::text = %(user_id)s::text AND item.merged_into_id IS NULL
   AND (item.name, item.id::text) > (%(after_name)s, %(after_id)s::text)
 ORDER BY item.user_id::text, item.name, item.id::text LIMIT %(limit)s;

-- name: list_prices
-- By way of the invoices, whose order is that of the dates: the prices themselves have no index by tenant to keep up.
SELECT price.invoice_id, price.line_number, price.invoice_date, price.inventory_item_id, item.name AS item_name, item.base_unit,
       vendor.name AS vendor_name, price.unit_price, price.pack_size, price.base_unit_price, price.currency, price.previous_price,
       price.price_change_percent, price.is_price_increase,
       invoicedb_quotient(price.previous_price, price.base_quantity) AS previous_base_unit_price
  FROM invoices AS invoice
 CROSS JOIN LATERAL (SELECT * FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND voided_at IS NULL
                        AND (invoice_id <> %(after_id)s OR line_number > %(after_line)s)
                        AND (NOT %(changed)s OR price_change_percent <> 0)
                        AND (%(at_least)s::numeric IS NULL OR abs(price_change_percent) >= %(at_least)s::numeric)
                      ORDER BY invoice_id, line_number LIMIT %(limit)s) AS price
 CROSS JOIN LATERAL (SELECT name, base_unit FROM inventory_items WHERE user_id = %(user_id)s AND id = price.inventory_item_id LIMIT 1) AS item
 CROSS JOIN LATERAL (SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = price.vendor_id LIMIT 1) AS vendor
 WHERE invoice.user_id = %(user_id)s AND invoice.user_id::text = %(user_id)s::text
   AND (invoice.invoice_date - DATE '1900-01-01') BETWEEN %(since)s::date - DATE '1900-01-01' AND %(until)s::date - DATE '1900-01-01'
   AND ((invoice.invoice_date - DATE '1900-01-01'), invoice.id::text) >= (%(after_date)s::date - DATE '1900-01-01', %(after_id)s::text)
 ORDER BY invoice.user_id::text, (invoice.invoice_date - DATE '1900-01-01'), invoice.id::text, price.line_number LIMIT %(limit)s;

-- name: list_prices_of_vendor
-- By way of the vendor's invoices, each page no further than it needs: the index has them by date, and the vendor is given to it.
SELECT price.invoice_id, price.line_number, price.invoice_date, price.inventory_item_id, item.name AS item_name, item.base_unit,
       vendor.name AS vendor_name, price.unit_price, price.pack_size, price.base_unit_price, price.currency, price.previous_price,
       price.price_change_percent, price.is_price_increase,
       invoicedb_quotient(price.previous_price, price.base_quantity) AS previous_base_unit_price
  FROM (SELECT coalesce(merged_into_id, id) AS id FROM vendors
         WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS named
 CROSS JOIN LATERAL (SELECT id, name FROM vendors WHERE user_id = %(user_id)s AND id = named.id LIMIT 1) AS vendor
 CROSS JOIN LATERAL (
   SELECT price.*
     FROM invoices AS invoice
    CROSS JOIN LATERAL (SELECT * FROM price_history
                         WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND voided_at IS NULL
                           AND (invoice_id <> %(after_id)s OR line_number > %(after_line)s)
                           AND (NOT %(changed)s OR price_change_percent <> 0)
                           AND (%(at_least)s::numeric IS NULL OR abs(price_change_percent) >= %(at_least)s::numeric)
                         ORDER BY invoice_id, line_number LIMIT %(limit)s) AS price
    WHERE invoice.user_id = %(user_id)s AND invoice.vendor_id = vendor.id
      AND invoice.invoice_date BETWEEN greatest(%(since)s::date, %(after_date)s::date) AND %(until)s::date
      AND (invoice.invoice_date, invoice.id::text) >= (%(after_date)s::date, %(after_id)s::text)
    ORDER BY invoice.invoice_date, invoice.id::text, price.line_number LIMIT %(limit)s) AS price
 CROSS JOIN LATERAL (SELECT name, base_unit FROM inventory_items WHERE user_id = %(user_id)s AND id = price.inventory_item_id LIMIT 1) AS item
 ORDER BY price.invoice_date, price.invoice_id::text, price.line_number LIMIT %(limit)s;

-- name: list_prices_of_item
-- A page of each vendor that the item is mapped for, then the first of all: one chain a vendor.
SELECT price.invoice_id, price.line_number, price.invoice_date, price.inventory_item_id, item.name AS item_name, item.base_unit,
       vendor.name AS vendor_name, price.unit_price, price.pack_size, price.base_unit_price, price.currency, price.previous_price,
       price.price_change_percent, price.is_price_increase,
       invoicedb_quotient(price.previous_price, price.base_quantity) AS previous_base_unit_price
  FROM (SELECT name, base_unit FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s LIMIT 1) AS item
 CROSS JOIN (SELECT DISTINCT vendor_id FROM vendor_item_mappings WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s) AS mapped
 CROSS JOIN LATERAL (SELECT name FROM vendors
                      WHERE user_id = %(user_id)s AND id = mapped.vendor_id
                        AND (%(vendor_key)s::text IS NULL
                             OR id = (SELECT coalesce(merged_into_id, id) FROM vendors
                                       WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s::text LIMIT 1)) LIMIT 1) AS vendor
 CROSS JOIN LATERAL (SELECT * FROM price_history
                      WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s AND vendor_id = mapped.vendor_id
                        AND voided_at IS NULL
                        AND invoice_date BETWEEN greatest(%(since)s::date, %(after_date)s::date) AND %(until)s::date
                        AND (invoice_date, invoice_id::text, line_number) > (%(after_date)s::date, %(after_id)s::text, %(after_line)s)
                        AND (NOT %(changed)s OR price_change_percent <> 0)
                        AND (%(at_least)s::numeric IS NULL OR abs(price_change_percent) >= %(at_least)s::numeric)
                      ORDER BY invoice_date, invoice_id::text, line_number LIMIT %(limit)s) AS price
 ORDER BY price.invoice_date, price.invoice_id::text, price.line_number LIMIT %(limit)s;

-- name: list_item_prices
-- The latest of each vendor that the item is mapped for, then the latest of all: one chain a vendor.
SELECT price.invoice_id, price.line_number, price.invoice_date, price.inventory_item_id, item.name AS item_name, item.base_unit,
       vendor.name AS vendor_name, price.unit_price, price.pack_size, price.base_unit_price, price.currency, price.previous_price,
       price.price_change_percent, price.is_price_increase,
       invoicedb_quotient(price.previous_price, price.base_quantity) AS previous_base_unit_price
  FROM (SELECT name, base_unit FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s LIMIT 1) AS item
 CROSS JOIN (SELECT DISTINCT vendor_id FROM vendor_item_mappings WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s) AS mapped
 CROSS JOIN LATERAL (SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = mapped.vendor_id LIMIT 1) AS vendor
 CROSS JOIN LATERAL (SELECT * FROM price_history
                      WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s AND vendor_id = mapped.vendor_id
                        AND voided_at IS NULL
                      ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT %(limit)s) AS price
 ORDER BY price.invoice_date DESC, price.vendor_id DESC, price.posting_sequence DESC, price.invoice_id DESC, price.line_number DESC
 LIMIT %(limit)s;

-- name: find_vendor
SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s;

-- name: find_mapping
-- The mapping of one item key and pack, and whether this very call has made it.
SELECT mapping.inventory_item_id, mapping.created_at = %(now)s AND mapping.match_method = 'new' AS is_new_item,
       CASE WHEN mapping.created_at = %(now)s THEN mapping.match_method
            WHEN mapping.review_state = 'pending' OR %(reading)s = ANY (mapping.pending_readings) THEN 'fuzzy_review'
            ELSE 'exact' END AS match_method,
       mapping.match_score, item.base_unit, mapping.base_quantity AS pack_quantity
  FROM (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS vendor
 CROSS JOIN LATERAL (SELECT * FROM vendor_item_mappings
                      WHERE user_id = %(user_id)s AND vendor_id = vendor.id AND item_key = %(item_key)s AND pack_key = %(pack_key)s
                      LIMIT 1) AS mapping
 CROSS JOIN LATERAL (SELECT base_unit FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = mapping.inventory_item_id LIMIT 1) AS item;

-- What the stock is worth.

-- name: list_valuation
-- An item's money is that of its movements, in the currency of the document that each stands for: of a correction's, the invoice line
-- that it moved, and of a reversal, what it takes back. What was taken back altogether leaves no currency behind. A count or a use (an
-- adjustment with a quantity) changes the stock, not what was paid; one that moves cost alone does.
SELECT item.id, item.name, item.category, item.base_unit, item.current_quantity, item.last_base_unit_price,
       invoicedb_quotient(item.current_quantity * last.unit_price, last.base_quantity) AS last_value, last.currency AS last_currency,
       invoicedb_quotient(average.cost, average.quantity) AS average_unit_cost,
       invoicedb_quotient(item.current_quantity * average.cost, average.quantity) AS average_value, bought.currencies
  FROM (SELECT * FROM inventory_items
         WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND merged_into_id IS NULL
           AND (name, id::text) > (%(after_name)s, %(after_id)s::text)
         ORDER BY user_id::text, name, id::text LIMIT %(limit)s) AS item
  LEFT JOIN LATERAL (SELECT unit_price, base_quantity, currency FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = item.last_invoice_id AND line_number = item.last_line_number LIMIT 1)
         AS last ON true
 CROSS JOIN LATERAL (
   SELECT coalesce(array_agg(currency ORDER BY currency), '{}') AS currencies, sum(quantity) AS quantity, sum(cost) AS cost
     FROM (SELECT document.currency, sum(movement.quantity_change) AS quantity, sum(movement.total_cost) AS cost
             FROM (SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND inventory_item_id = item.id) AS movement
             LEFT JOIN LATERAL (SELECT reference_id, of_invoice_id, transaction_type FROM inventory_transactions
                                 WHERE user_id = %(user_id)s AND reference_id = movement.reverses_reference_id
                                   AND line_number = movement.reverses_line_number LIMIT 1) AS reversed ON true
             LEFT JOIN LATERAL (SELECT currency FROM invoices
                                 WHERE user_id = %(user_id)s
                                   AND id = coalesce(movement.of_invoice_id, reversed.of_invoice_id, reversed.reference_id,
                                                     movement.reference_id) LIMIT 1) AS document ON true
            WHERE coalesce(reversed.transaction_type, movement.transaction_type) <> 'adjustment' OR movement.quantity_change = 0
            GROUP BY document.currency
           HAVING sum(movement.quantity_change) <> 0 OR sum(movement.total_cost) <> 0) AS one_currency) AS bought
  LEFT JOIN LATERAL (SELECT bought.quantity, bought.cost WHERE cardinality(bought.currencies) = 1 AND bought.quantity > 0) AS average ON true
 ORDER BY item.name, item.id::text;

-- Failed lines that nobody will mend: they stay as they came, with who said so and why, and no longer count as failed.

-- name: lock_vendor_of_failed
-- As a booking does: no line is booked and dismissed at once.
SELECT vendor.id
  FROM (SELECT vendor_id FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS invoice
 CROSS JOIN LATERAL (SELECT id FROM vendors WHERE user_id = %(user_id)s AND id = invoice.vendor_id FOR NO KEY UPDATE) AS vendor;

-- name: dismiss_line
-- What was said first stays. user_id comes from the source, not as a constant: the plan can only start there.
UPDATE invoice_lines AS line SET dismissed_at = %(now)s, dismissed_by = %(made_by)s, dismissed_reason = %(reason)s
  FROM (SELECT user_id, id, invoice_date, %(line_number)s::int AS line_number FROM invoices
         WHERE user_id = %(user_id)s AND id = %(invoice_id)s AND document_type IN ('invoice', 'credit_memo') AND voided_at IS NULL OFFSET 0) AS invoice
 WHERE line.user_id = invoice.user_id AND line.invoice_id = invoice.id AND line.line_number = invoice.line_number
   AND line.error_type IS NOT NULL AND line.dismissed_at IS NULL
RETURNING (SELECT invoicedb_require(strpos(current_setting('invoicedb.rights'), 'override_period_lock') > 0, 'IV007', locked_before::text)
             FROM catalogs WHERE user_id = %(user_id)s AND locked_before > invoice.invoice_date LIMIT 1) AS unlocked;

-- name: undismiss_line
UPDATE invoice_lines AS line SET dismissed_at = NULL, dismissed_by = NULL, dismissed_reason = NULL
  FROM (SELECT user_id, id, invoice_date, %(line_number)s::int AS line_number FROM invoices
         WHERE user_id = %(user_id)s AND id = %(invoice_id)s AND document_type IN ('invoice', 'credit_memo') AND voided_at IS NULL OFFSET 0) AS invoice
 WHERE line.user_id = invoice.user_id AND line.invoice_id = invoice.id AND line.line_number = invoice.line_number
   AND line.dismissed_at IS NOT NULL
RETURNING (SELECT invoicedb_require(strpos(current_setting('invoicedb.rights'), 'override_period_lock') > 0, 'IV007', locked_before::text)
             FROM catalogs WHERE user_id = %(user_id)s AND locked_before > invoice.invoice_date LIMIT 1) AS unlocked;

-- name: settle_status
-- As its lines now have it. An invoice of which nothing is booked stays failed.
UPDATE invoices AS invoice SET status = line.status
  FROM (SELECT invoice.user_id, invoice.id, CASE WHEN line.open > 0 THEN 'partial_success' ELSE 'success' END AS status
          FROM (SELECT user_id, id FROM invoices
                 WHERE user_id = %(user_id)s AND id = %(invoice_id)s AND document_type IN ('invoice', 'credit_memo') AND status <> 'failed'
                 LIMIT 1)
               AS invoice
         CROSS JOIN LATERAL (SELECT count(error_type) - count(dismissed_at) AS open FROM invoice_lines
                              WHERE user_id = %(user_id)s AND invoice_id = invoice.id) AS line
        OFFSET 0) AS line
 WHERE invoice.user_id = line.user_id AND invoice.id = line.id AND invoice.status <> line.status;

-- name: find_dismissal
-- The line as it stands now, and its document; without a line number where there is no such line.
SELECT invoice.document_type, invoice.voided_at IS NOT NULL AS is_voided, invoice.status, line.line_number, line.description,
       line.error_type, line.error, line.dismissed_at, line.dismissed_by, line.dismissed_reason
  FROM (SELECT * FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS invoice
  LEFT JOIN LATERAL (SELECT * FROM invoice_lines
                      WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND line_number = %(line_number)s LIMIT 1) AS line ON true;

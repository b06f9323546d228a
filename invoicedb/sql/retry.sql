-- Failed lines once more: what is kept of a document and of its lines.

-- name: find_kept
SELECT invoice.document_type, vendor.name AS vendor_name, vendor.normalized_name AS vendor_key, invoice.invoice_number, invoice.number_key,
       invoice.invoice_date, invoice.currency, invoice.generation, invoice.content_hash, invoice.voided_at IS NOT NULL AS is_voided,
       invoice.corrects_id
  FROM (SELECT * FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS invoice
  LEFT JOIN LATERAL (SELECT name, normalized_name FROM vendors WHERE user_id = %(user_id)s AND id = coalesce(invoice.named_vendor_id, invoice.vendor_id) LIMIT 1)
         AS vendor ON true;

-- name: find_failed_lines
SELECT line_number, as_sent, share FROM invoice_lines
 WHERE user_id = %(user_id)s AND invoice_id = %(invoice_id)s AND error_type IS NOT NULL AND dismissed_at IS NULL
 ORDER BY line_number;

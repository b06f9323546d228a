"""What invoicedb does, as generators: each yields flights, is sent their landings, returns a result. No connection here."""

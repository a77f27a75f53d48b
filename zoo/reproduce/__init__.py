"""Recipe x seeds -> card; cards -> the ledger of measured beside published numbers."""

"""Cards from runs over several seeds; the ledger of measured and published numbers from cards."""

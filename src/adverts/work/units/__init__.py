"""Much work in units: a frozen plan, one file for each unit, receipts, and who runs them."""

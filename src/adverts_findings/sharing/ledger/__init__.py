"""The ledger: what was shared with whom, by whose approval, until when, and what came of it."""

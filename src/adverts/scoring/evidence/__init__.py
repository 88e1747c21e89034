"""Evidence beside scores: restricted rows, without text or contact, that expire."""

"""From adverts that people judged to campaigns: evidence, doubt, judgements, and the bank."""

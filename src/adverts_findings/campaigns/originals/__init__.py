"""What only the source holds of a campaign: its texts by template, its prices and its pictures."""

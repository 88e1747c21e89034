"""What pages show from the files beside the tables of a bank: judgements, and its log."""

"""Who enters the bank: adverts that a person judged group V, and nothing that only a model says."""

"""The figures of a model on one set of adverts: overall, by slice, by label, as a queue."""

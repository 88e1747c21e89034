"""The output of an evaluation: pages, tables, JSON records and the restricted gallery."""

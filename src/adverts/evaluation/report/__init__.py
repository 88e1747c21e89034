"""What people and programs read of an evaluation: pages, tables, the restricted gallery."""

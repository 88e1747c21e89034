"""Read one page: turn it upright, then crop, read, repair and order its lines."""

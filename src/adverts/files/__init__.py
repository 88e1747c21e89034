"""Files, whatever is in them: read within bounds, hashed, locked, written whole or not at all."""

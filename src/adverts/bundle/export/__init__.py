"""Export a checkpoint as a proved bundle, or write nothing."""

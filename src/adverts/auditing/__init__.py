"""What is wrong with a prepared dataset: copies, conflicts, likely errors, shortcuts, gaps."""

"""Studies of settings: the space, the trials and who runs them, the table, the plot, the best."""

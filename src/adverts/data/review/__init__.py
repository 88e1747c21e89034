"""Labels that people gave by cluster: the sheet that they fill in, and what it changes."""

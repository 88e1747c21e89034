"""Between what a build finds and the tables of the bank: columns, rows and names."""

"""Maps the rows of a source: columns become fields of adverts, and cells become labels."""

"""What rows mean: columns become fields of adverts, and cells become labels."""

"""Labels that people give to clusters in a review sheet, and how they change adverts."""

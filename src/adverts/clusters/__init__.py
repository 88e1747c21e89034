"""Group adverts that belong together into clusters, so that no split separates them."""

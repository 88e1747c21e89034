"""Which adverts belong together, so that no split tears them apart."""

"""Which adverts teach a model most."""

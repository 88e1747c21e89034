"""How a model fares when adverts are disguised: our own perturbations of text and picture."""

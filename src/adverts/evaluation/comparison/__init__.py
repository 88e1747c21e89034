"""Compare two models on the same adverts: figures, decisions and statistical power."""

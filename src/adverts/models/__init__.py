"""The model family: one multilingual encoder, an image tower, gated fusion, task heads, tf-idf."""

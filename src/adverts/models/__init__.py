"""The models: a multilingual encoder, an image tower, gated fusion, task heads, and tf-idf."""

"""Turn adverts into model inputs, by one code path for training and for serving."""

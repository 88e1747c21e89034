"""How an advert becomes numbers: one code path for training and for serving."""

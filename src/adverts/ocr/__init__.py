"""Reading the text of images: the protocol, the engines (each optional) and the cache."""

"""Read the text of images: reader protocol, optional engines, and a cache of results."""

"""How much of a class is in a frame of adverts: designs that draw, and what their draws say."""

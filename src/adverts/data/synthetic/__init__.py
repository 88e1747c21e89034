"""The corpus that the project writes itself: fictional adverts as text and as pictures."""

"""Reading labelled adverts, splitting them, and the prepared form that every verb reads."""

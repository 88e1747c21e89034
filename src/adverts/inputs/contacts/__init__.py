"""Find contacts in a text, also disguised ones, mask them, and compare them by keyed tokens."""

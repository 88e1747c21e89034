"""Contacts in a text: recognised however they are disguised, masked, and compared by keyed tokens."""

"""Contacts in a text: recognised in any disguise, masked, compared by keyed tokens."""

"""What crosses between the workshop and those who use its scores: one module a format.

``docs/formats.md`` says of each what its columns mean, with an example.
"""

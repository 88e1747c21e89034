"""Reads the rows of each format of file, whole or a part of it, in bounded memory."""

"""Reads every kind of data source as a stream of rows of bounded size."""

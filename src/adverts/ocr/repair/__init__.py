"""Mending what engines misread, where what was meant is plain."""

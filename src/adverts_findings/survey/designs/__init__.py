"""Designs that say which adverts of a frame people label, and how many."""

"""Train, judge and export classifiers of harmful adverts."""

__version__ = "0.1.0"

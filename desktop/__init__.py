"""The application without a window: the records, and all that is done with them."""

__version__ = "0.1.0"

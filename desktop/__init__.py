"""The application without a window: records, reports, serves."""

__version__ = "0.1.0"

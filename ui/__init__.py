"""Kinelog's window."""

"""Invented children and visits, to look around with and to measure on. None of them exists."""

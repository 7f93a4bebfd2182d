"""Use cases: each opens the scope it needs and calls crud."""

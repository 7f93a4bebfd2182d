"""Migrations of a centre, the shared PostgreSQL that laptops sync with: a history apart from the local one."""

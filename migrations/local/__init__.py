"""Migrations of the database on the laptop, and of a stand-alone one that DATABASE_URL names."""

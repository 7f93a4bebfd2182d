"""The centre: the shared PostgreSQL, from making it to opening a laptop's connection."""

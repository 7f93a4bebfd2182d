"""Schema migrations of the local database (and later of the centre, as a branch of its own)."""

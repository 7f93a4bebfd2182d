"""Records as files that leave this laptop."""

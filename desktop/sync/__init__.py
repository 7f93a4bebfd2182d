"""What keeps laptops and the centre the same: nothing lost, nothing doubled, nothing silent."""

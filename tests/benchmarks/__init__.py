"""Speed and memory, as ratios against a bare counterpart in the same run. Nothing here fails a test."""

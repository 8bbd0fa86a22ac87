"""Free space, blocks and pools, and how large each needs to be."""

"""Guards of the moves of a round that this room tells, and who had a hand in it."""

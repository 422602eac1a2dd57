"""What a call cost: the record of one call, its parts, sums and tables."""

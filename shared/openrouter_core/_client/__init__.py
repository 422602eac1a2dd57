"""What the two clients have in common: their base class and the groups of endpoints."""

"""Limits: what may be spent, what is reserved, when a call is refused."""

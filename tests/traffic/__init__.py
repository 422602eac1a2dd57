"""Proof on recorded traffic: what OpenRouter said reaches the user, and what the user said reaches it.

Every recording is served again over a real socket, cut at random byte boundaries, and read through
the core and both adapters. What must come out is computed by `expected_answers.py`, which shares no code
with the packages under test.
"""

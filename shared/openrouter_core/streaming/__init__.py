"""Streams of events: framing, the streams, and one accumulator for each kind."""

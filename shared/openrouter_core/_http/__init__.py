"""Requests on the wire: building, connections, retries, reading answers."""

"""One file per group of endpoints. Every module here is imported when the app is made.

To answer another endpoint, add a file with `@handles(...)` functions; nothing else lists the handlers.
"""

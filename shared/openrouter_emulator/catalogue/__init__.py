"""The models, their providers, and which of them serves a request."""

"""What LangChain's tools look for in a provider's package: the profiles of its models, in `_profiles.py`."""

"""What the API itself refuses in a request, whichever model is asked."""

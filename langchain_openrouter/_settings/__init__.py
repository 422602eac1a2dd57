"""The fields of the models: connection, options of a call, profile."""

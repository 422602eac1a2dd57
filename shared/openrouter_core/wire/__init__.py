"""The nouns: shapes that cross the wire, one file per resource."""

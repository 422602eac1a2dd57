"""A job in a database that several processes share. Needs SQLAlchemy, of the extra [bulk]."""

from __future__ import annotations

"""A ledger in an SQL database. The one part of the core that needs SQLAlchemy; imported on demand only."""

from importlib.util import find_spec

from openrouter_core.errors import ConfigurationError
from openrouter_core.extras import how_to_install

if find_spec("sqlalchemy") is None:
    raise ConfigurationError(how_to_install("A ledger in a database", "sqlalchemy", "ledger"))

from openrouter_core.costs.sql.store import SqlStore

__all__ = ["SqlStore"]

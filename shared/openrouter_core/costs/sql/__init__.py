"""A ledger in an SQL database. The one part of the core that needs SQLAlchemy; imported on demand only."""

from importlib.util import find_spec

from openrouter_core.errors import ConfigurationError

if find_spec("sqlalchemy") is None:
    raise ConfigurationError(
        "A ledger in a database needs SQLAlchemy: pip install 'openrouter-adapters[ledger]'"
    )

from openrouter_core.costs.sql.store import SqlStore

__all__ = ["SqlStore"]

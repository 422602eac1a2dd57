"""All faults, in the one order by whose numbers player and server name them."""

from __future__ import annotations

from tests.faults import faults_of_connection, faults_of_content, faults_of_framing
from tests.faults.playing import SCENARIOS

FILES = (faults_of_connection, faults_of_content, faults_of_framing)
"""Who imports them has registered their faults."""
ALL = list(SCENARIOS.values())

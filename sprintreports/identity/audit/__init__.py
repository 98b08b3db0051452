"""Every action can be accounted for: `record` writes one entry in the caller's transaction."""

from sprintreports.identity.audit.actions import Action, Outcome
from sprintreports.identity.audit.record import address, came_from, record, record_change

__all__ = ["Action", "Outcome", "address", "came_from", "record", "record_change"]

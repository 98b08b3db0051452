"""Every action can be accounted for: `record` writes one entry in the caller's transaction."""

from sprintreports.identity.audit.actions import Action, Outcome
from sprintreports.identity.audit.record import came_from, record

__all__ = ["Action", "Outcome", "came_from", "record"]

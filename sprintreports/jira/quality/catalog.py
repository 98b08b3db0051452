"""All checks, those first that move totals."""

from sprintreports.jira.quality import calendars, histories, outcomes
from sprintreports.jira.quality.check import Check, CheckName

_ALL = {check.name: check for module in (outcomes, histories, calendars) for check in module.CHECKS}
# In the order of their names' enumeration; a name without a check fails here, at import.
CHECKS: tuple[Check, ...] = tuple(_ALL[name] for name in CheckName)


def check_named(name: CheckName) -> Check:
    """The check of that name."""
    return _ALL[name]

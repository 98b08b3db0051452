"""How a sync can end early."""

from sprintreports.kit.error_codes import Code
from sprintreports.kit.errors import Conflict, Invalid, NotFound


class SyncRunNotFound(NotFound):
    """There is no such sync run. Load the list of runs again."""


class SyncRunning(Conflict):
    """A sync of this site is running already. Wait for it, or cancel it first."""


class NoBoardChosen(Invalid):
    """No board of this site is chosen, so there is nothing to sync. Choose at least one board."""


class SitePaused(Conflict):
    """This site is paused: nothing is read from its Jira. Resume it first."""


class NoBoardReadable(Invalid):
    """None of the chosen boards can be read. Each board says why; the last good data stays."""

    status = 502
    code = Code.UPSTREAM_FAILED


class SyncPaused(Exception):  # not an error either
    """Somebody paused the site: the run goes on where it stands when the site is resumed."""


class SyncCancelled(Exception):  # not an error: somebody asked for it
    """Somebody asked the run to stop: what its finished pages stored stays."""

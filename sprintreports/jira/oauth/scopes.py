"""What we ask Atlassian for, and why. Read from the scopes that its specifications name for each call that we make.

Jira Software's own API knows granular scopes only, the platform's calls are covered by the classic ones. We read; the one
thing that we may manage is our own webhook.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission, the API of the developer console that it is found under, and what it is for."""

    name: str
    api: str
    reason: str


SCOPES = (
    Scope("offline_access", "asked for at sign-in", "to stay connected when you have left the page"),
    Scope("read:jira-work", "Jira API", "issues, their histories, fields, statuses and filters"),
    Scope("read:jira-user", "Jira API", "the account that signs in, and its time zone"),
    Scope("manage:jira-webhook", "Jira API", "to be told of changes at once; without it, syncs bring them"),
    Scope("read:board-scope:jira-software", "Jira Software, granular", "the list of boards"),
    Scope("read:board-scope.admin:jira-software", "Jira Software, granular", "a board's columns and filter"),
    Scope("read:sprint:jira-software", "Jira Software, granular", "the sprints of a board"),
    Scope("read:priority:jira", "Jira API, granular", "priorities, once Jira has turned their old list off"),
    Scope("read:project:jira", "Jira API, granular", "the projects of a board, which its calls ask for too"),
)
# Without one of these there would be nothing to show; the others can be done without.
NEEDED = frozenset(scope.name for scope in SCOPES) - {
    "manage:jira-webhook",
    "read:priority:jira",
}


def requested() -> str:
    """All of them, as OAuth 2.0 writes them."""
    return " ".join(scope.name for scope in SCOPES)


def missing(granted: str) -> list[str]:
    """Which needed ones a grant does not hold. A grant that names none is taken to hold what was asked for."""
    held = frozenset(granted.split())
    return sorted(NEEDED - held - {"offline_access"}) if held else []

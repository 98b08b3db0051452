"""The search over everything (⌘K): what was typed, and where each hit leads."""

from dataclasses import dataclass

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import finding
from sprintreports.jira.reads.finding import Hit, HitKind
from sprintreports.metrics.values import SprintState
from sprintreports.ui.links import address
from sprintreports.ui.session import acts, visit

_LONGEST = 100
_NO_HITS = "Nothing found. Search for a board, a sprint, or the key of an issue, such as APP-17."


@dataclass
class HitLine:
    """One hit as text, and its address."""

    link: str
    title: str
    sub: str
    kind: str


class Search(rx.State):
    """Hits of the words typed last. Empty until something is typed."""

    words: str = ""
    hits: list[HitLine] = []
    message: str = ""

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def find(self, words: str) -> None:
        """Search as the words are typed."""
        here = visit()
        found = await finding.find(here.session, here.viewer, words[:_LONGEST])
        self.words = words
        self.hits = [line(hit) for hit in found]
        self.message = "" if found or not words.strip() else _NO_HITS


def line(hit: Hit) -> HitLine:
    """A hit as it is shown: a board leads to its velocity, an issue to the list it stands in."""
    if hit.kind is HitKind.BOARD:
        return HitLine(
            address("/velocity", board=hit.board_id), hit.board_name, "Velocity of the board", "Board"
        )
    state = "" if hit.state in (None, SprintState.CLOSED) else f" · {hit.state}"
    to = address("/sprint", board=hit.board_id, sprint=hit.sprint_id)
    if hit.kind is HitKind.SPRINT:
        return HitLine(to, hit.sprint_name, f"{hit.board_name}{state}", "Sprint")
    where = f"{hit.sprint_name} · {hit.board_name}{state}"
    found = address("/sprint", board=hit.board_id, sprint=hit.sprint_id, search=hit.issue_key)
    return HitLine(f"{found}#issues", f"{hit.issue_key} {hit.summary}", where, "Issue")

"""Where a run stands: enough to go on after a kill -9, and nothing that a page has not committed."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """In this order. A phase that was interrupted is done again from its start, `ISSUES` from its last page."""

    META = "meta"
    SPRINTS = "sprints"
    ISSUES = "issues"
    STRAYS = "strays"
    RANKS = "ranks"
    REPLAY = "replay"
    FACTS = "facts"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Phase.META: "Reading fields, statuses and boards",
    Phase.SPRINTS: "Reading sprints",
    Phase.ISSUES: "Reading issues and their history",
    Phase.STRAYS: "Looking for sprints that no board lists",
    Phase.RANKS: "Reading the order of the boards' issues",
    Phase.REPLAY: "Reading what is stored again with the new mapping",
    Phase.FACTS: "Computing the numbers of the sprints",
}


class Cursor(msgspec.Struct):
    """`began`: when the run's reading began, the next incremental run's start. `since`: this one's, None: a full run.

    `after`: the highest issue id of the last finished page; issues are read in the order of their ids.
    `replayed`: the same for a replay of what is stored, whose order is that of the ids as text, `replayed_with` the
    fingerprint of the mapping that it goes by. `replay`: what is stored was read with another mapping than that of now.
    """

    phase: Phase = Phase.META
    began: datetime | None = None
    since: datetime | None = None
    after: int = 0
    replay: bool = False
    replayed: str = ""
    replayed_with: str = ""
    done: int = 0
    changed: int = 0
    total: int | None = None

"""What the stand-in gets wrong on purpose: rules for single answers, and states that last until they are lifted.

Rules are rolled for with a seed of their own, each on its own, in the order in which requests come in.
"""

import random
from collections.abc import Callable, Iterable
from copy import copy
from enum import StrEnum
from typing import TypeAlias

import msgspec


class Limit(StrEnum):
    """Which limit a 429 speaks of: one endpoint's or the account's on Cloud, or Data Center's bucket of tokens."""

    BURST = "burst"
    QUOTA = "quota"
    SERVER = "server"


class Rule(msgspec.Struct, forbid_unknown_fields=True):
    """What to do to answers below `path_prefix`. Several rules may strike at the same answer.

    `skip`: how many answers are spared first; `chance`: of each further one; `times`: how many in all (None: no end).
    `drop` ends the connection before the answer, `cut` in the middle of its body. `limit` adds the headers of a limit.
    `lose`, `twice` and `shift` are about pages of searches: left out, brought again, moved by so many issues.
    """

    html: bool = False
    truncate: bool = False
    malformed: bool = False
    status: int | None = None
    retry_after: int | None = None
    limit: Limit | None = None
    content_type: str = ""
    slow: float = 0.0
    drop: bool = False
    cut: bool = False
    lose: bool = False
    twice: bool = False
    shift: int = 0
    path_prefix: str = "/rest/"
    chance: float = 1.0
    times: int | None = None
    skip: int = 0

    @property
    def breaks(self) -> bool:
        """Whether it is about the answer as a whole."""
        kinds = (self.html, self.truncate, self.malformed, self.status, self.limit, self.content_type)
        return any(kinds) or self.slow > 0 or self.drop or self.cut

    @property
    def moves(self) -> bool:
        """Whether it is about pages."""
        return self.lose or self.twice or self.shift != 0


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """Everything that is wrong at a time. Nothing: all is well.

    `lag`: by how many seconds the search is behind the issues; `stale`: it stands still until this is lifted.
    `zone`: of the token's owner, who reads JQL dates; `told_zone`: what the site says that it is.
    `hidden_…`: what the token may not see now: ids of issues and boards, keys of projects. `unsortable`: fields, in small
    letters, that JQL does not sort by.
    """

    rules: tuple[Rule, ...] = ()
    seed: int | str = 1
    lag: float = 0.0
    stale: bool = False
    zone: str = ""
    told_zone: str = ""
    hidden_issues: frozenset[int] = frozenset()
    hidden_projects: frozenset[str] = frozenset()
    hidden_boards: frozenset[int] = frozenset()
    unsortable: frozenset[str] = frozenset()

    @property
    def active(self) -> bool:
        return self != Faults(seed=self.seed)


Watcher: TypeAlias = Callable[[], None]


class Trouble:
    """The faults at work, shared by everything that serves. `watchers` hear of new ones, and of edits."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.version = 0
        self.watchers: list[Watcher] = []
        self.set(faults or Faults())

    def set(self, faults: Faults) -> None:
        """From now on these and no others."""
        self.faults = faults
        self.version += 1
        self._rng = random.Random(f"{faults.seed}/faults")
        # The rules count down; what was ordered stays as it was.
        self._rules = [copy(rule) for rule in faults.rules]
        self.tell()

    def tell(self) -> None:
        for watcher in self.watchers:
            watcher()

    def answers(self, path: str) -> list[Rule]:
        """The rules that strike at the answer to this request."""
        return self._struck((rule for rule in self._rules if rule.breaks), path)

    def page(self, path: str) -> Rule | None:
        """The rule that strikes at this page of a search."""
        struck = self._struck((rule for rule in self._rules if rule.moves), path)
        return struck[0] if struck else None

    def _struck(self, rules: Iterable[Rule], path: str) -> list[Rule]:
        return [rule for rule in rules if path.startswith(rule.path_prefix) and self._strikes(rule)]

    def _strikes(self, rule: Rule) -> bool:
        if rule.skip > 0:
            rule.skip -= 1
            return False
        if rule.times == 0 or (rule.chance < 1 and self._rng.random() >= rule.chance):
            return False
        if rule.times is not None:
            rule.times -= 1
        return True

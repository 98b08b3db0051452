"""Life goes on after the founding: seeded edits of the company, one after the other, as people would make them.

The same company, seed, start and step give the same edits, to the last byte. Every edit goes through the `World` of its
tribe, so changelogs and the ground truth of the sprint reports follow by themselves.
"""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sprintreports.demo import editing_issues, editing_sprints
from sprintreports.demo.company import Company
from sprintreports.demo.hands import Done, Hands, Tell

_TRIES = 200
# Where all kinds are allowed, so often two issues change places besides, which nothing tells of.
_RANKED_ANEW = 0.05


class NoSuchEdit(Exception):
    """A kind of edit was asked for that does not exist, or that the company has no occasion for."""


# How often each kind comes where nothing else is asked for. Weight 0: only by name.
_KINDS: dict[str, tuple[float, Callable[[Hands], Done | None]]] = {
    "status": (30, editing_issues.change_status),
    "estimate": (12, editing_issues.change_estimate),
    "sprint": (12, editing_issues.change_sprint),
    "assignee": (10, editing_issues.change_assignee),
    "team": (5, editing_issues.change_team),
    "summary": (5, editing_issues.change_summary),
    "priority": (6, editing_issues.change_priority),
    "create": (7, editing_issues.create),
    "subtask": (0, editing_issues.create_subtask),
    "delete": (2, editing_issues.delete),
    "move": (2, editing_issues.move),
    "sprint_rename": (1, editing_sprints.rename),
    "sprint_start": (1, editing_sprints.start),
    "sprint_close": (1, editing_sprints.close),
    "sprint_reopen": (0.5, editing_sprints.reopen),
    "columns": (1, editing_sprints.change_columns),
    "delete_status": (0.2, editing_sprints.delete_status),
    "rank": (0, editing_issues.change_rank),
}
KINDS = tuple(_KINDS)


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done. `subject`: the id of the issue, sprint or board, or the status; `name`: its key or name after it."""

    kind: str
    at: int
    subject: int
    name: str


def apply(
    company: Company,
    *,
    seed: int | str,
    count: int,
    start: int,
    step: int = 20,
    kinds: Collection[str] = (),
    tell: Tell | None = None,
) -> list[Edit]:
    """Make `count` edits, the first not before `start`, each at most `step` milliseconds after the one before.

    `tell` hears of each event at once. Raises NoSuchEdit.
    """
    chosen = {name: _KINDS[name] for name in kinds if name in _KINDS} if kinds else _KINDS
    if len(chosen) != len(set(kinds) or _KINDS):
        raise NoSuchEdit(f"There is no such kind of edit. There are {', '.join(KINDS)}.")
    rng, quiet = random.Random(f"{seed}/edits"), random.Random(f"{seed}/ranks")
    names = list(chosen)
    weights = [weight or float(bool(kinds)) for weight, _ in chosen.values()]
    ledger = company.ledger
    ledger.clock = max(ledger.clock, company.now, start)
    edits: list[Edit] = []
    for _ in range(count):
        for _ in range(_TRIES):
            name = rng.choices(names, weights)[0]
            hands = Hands(company, rng, step, tell or _nobody)
            done = chosen[name][1](hands)
            if done is not None:
                edits.append(Edit(name, ledger.clock, done.subject, done.name))
                break
        else:
            raise NoSuchEdit(f"Nothing is left to do of this kind: {', '.join(names)}.")
        if not kinds and quiet.random() < _RANKED_ANEW:
            editing_issues.change_rank(Hands(company, quiet, step, _nobody))
    _write_reports(company)
    return edits


def _write_reports(company: Company) -> None:
    """The active sprints' reports as of now; those of closed ones stay as they were frozen."""
    for realm in company.realms:
        recorder = realm.world.recorder
        for sprint_id in recorder.watched:
            if realm.world.sprints[sprint_id].state == "active":
                recorder.freeze(sprint_id, company.ledger.clock)
        company.reports.update(recorder.reports)


def _nobody(_: object) -> None:
    """Nobody listens."""

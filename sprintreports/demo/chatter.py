"""The small talk of a real Jira: most of a changelog is ranks, descriptions and labels, which no sprint counts.

A company of 100,000 issues that all have lived a full life shows how much of it a reader can swallow.
"""

import random
from itertools import pairwise

from sprintreports.demo.company import Company
from sprintreports.demo.model import Change, Issue, Item

_LABELS = ("customer", "quick-win", "tech-debt", "docs", "security", "ux", "later", "partner")
_WORDS = (
    "Seen again today.", "Agreed with the team.", "Steps to reproduce added.", "Acceptance criteria made clearer.",
    "Screenshots are in the wiki.", "Not before the release.", "Found by a customer.", "See the other one, too.",
)  # fmt: skip
_RANKS, _DESCRIPTIONS = 0.6, 0.2


def talk(company: Company, *, most: int) -> None:
    """Let every issue get up to `most` further changes (half of them on average), between those that it has.

    What anybody counts stays as it is, to the date of the last change. The same company gets the same talk.
    """
    for issue in company.issues.values():
        rng = random.Random(f"{company.seed}/{issue.id}/chatter")
        said = list(_said(issue, rng, count=rng.randint(0, most)))
        issue.thaw()
        issue.changes = sorted([*issue.changes, *said], key=lambda change: change[0])
        issue.pack()


def _said(issue: Issue, rng: random.Random, *, count: int) -> list[Change]:
    """Dated before the last change, by somebody who had to do with the issue."""
    history = issue.history()
    begin, end = issue.created, max(issue.updated, issue.created + 1)
    authors = [author for _, author, _ in history] or [issue.creator.number]
    moments = sorted(rng.randrange(begin, end) for _ in range(count))
    # An issue whose own description or labels changed has a chain of values that nothing may come between.
    taken = {name for _, _, items in history for name, _, _ in items}
    kinds = [rng.random() for _ in moments]
    items: list[Item | None] = [None] * count
    _chain(items, kinds, "description", issue.description, rng, taken, (_RANKS, _RANKS + _DESCRIPTIONS))
    _chain(items, kinds, "labels", list(issue.labels), rng, taken, (_RANKS + _DESCRIPTIONS, 1.0))
    return [
        (at, rng.choice(authors), [item or ("ranked", None, rng.choice(("Ranked higher", "Ranked lower")))])
        for at, item in zip(moments, items, strict=True)
    ]


def _chain(
    items: list[Item | None],
    kinds: list[float],
    name: str,
    now: object,
    rng: random.Random,
    taken: set[str],
    share: tuple[float, float],
) -> None:
    """Changes of one field, each from what the one before left, the last one to the value of today."""
    places = [place for place, kind in enumerate(kinds) if share[0] <= kind < share[1]]
    if name in taken:
        return
    values = [_value(name, rng) for _ in places] + [now]
    for place, (before, after) in zip(places, pairwise(values), strict=True):
        items[place] = (name, before, after)


def _value(name: str, rng: random.Random) -> object:
    if name == "labels":
        return sorted(rng.sample(_LABELS, rng.randint(0, 3)))
    return " ".join(rng.sample(_WORDS, rng.randint(1, 3)))

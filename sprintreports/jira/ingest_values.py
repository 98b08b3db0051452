"""Single values of Jira's fields and changelogs, read without trusting them: numbers, labels, people, sprint lists."""

import math
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import lru_cache
from typing import cast

import msgspec

from sprintreports.jira.payloads import PersonPayload
from sprintreports.jira.sprint_values import ids_of_list

MOST_POINTS = 1_000_000.0
MOST_SECONDS = 10_000_000_000


class NotReadable:
    """The one value that says: something stood there and it cannot be told what."""


NOT_READABLE = NotReadable()
NumberReader = Callable[[object], int | NotReadable | None]


class Person(msgspec.Struct, frozen=True, gc=False):
    """Somebody as Jira names them. `told`: by a user object, not by the bare text of a change."""

    account_key: str
    name: str
    active: bool = True
    told: bool = True


def points(value: object) -> int | NotReadable | None:
    """Thousandths out of 3, "3", "3.0", "0,5"; None for nothing. NaN, negative and absurd ones are NOT_READABLE."""
    number = _number(value)
    if number is None or isinstance(number, NotReadable):
        return number
    return round(number * 1000) if 0 <= number <= MOST_POINTS else NOT_READABLE


def seconds(value: object) -> int | NotReadable | None:
    """Whole seconds; None for nothing; NOT_READABLE for what cannot be a duration."""
    number = _number(value)
    if number is None or isinstance(number, NotReadable):
        return number
    return round(number) if 0 <= number <= MOST_SECONDS else NOT_READABLE


def _number(value: object) -> float | NotReadable | None:
    if value is None or isinstance(value, bool):
        return None if value is None else NOT_READABLE
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            return NOT_READABLE
    if not isinstance(value, int | float) or not math.isfinite(value):
        return NOT_READABLE
    return float(value)


def clean(text: str) -> str:
    """Without blanks around it, and without the one character that PostgreSQL cannot hold."""
    return text.replace("\0", "").strip()


def label(value: object) -> str:
    """The text of an option, label, component, team or project; of several, the first by name; "" for none."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        named = (fields.get(name) for name in ("value", "name", "title", "displayName", "key"))
        return next((clean(text) for text in named if isinstance(text, str) and clean(text)), "")
    return min(labels(value), default="")


def labels(value: object) -> tuple[str, ...]:
    """All labels of a field that holds several; nothing for others."""
    if not isinstance(value, list):
        return ()
    return tuple(filter(None, map(label, cast("list[object]", value))))


def team(value: object, pattern: str) -> str:
    """The team that a field names; of several, the first by name. `pattern`: what the label of a team looks like."""
    if not pattern:
        return label(value)
    return first_team(labels(cast("object", value)) if isinstance(value, list) else (label(value),), pattern)


def team_of_change(text: str | None, *, separator: str, pattern: str) -> str:
    """The team of a changelog value. `separator`: what parts the values of a field that holds several; "": one."""
    if not text:
        return ""
    if not separator:
        return first_team((clean(text),), pattern)
    return first_team(map(clean, text.strip("[]").split(separator)), pattern)


def first_team(names: Iterable[str], pattern: str) -> str:
    """The first by name of those that look like a team's; "" for none."""
    return min(filter(None, (named_team(name, pattern) for name in names)), default="")


def named_team(name: str, pattern: str) -> str:
    """What stands for the * of a pattern such as `team:*`, whatever the case; the name itself without a pattern."""
    if not pattern:
        return name
    before, _, after = pattern.partition("*")
    end = len(name) - len(after)
    if end < len(before) or (name[: len(before)].casefold(), name[end:].casefold()) != (
        before.casefold(),
        after.casefold(),
    ):
        return ""
    return clean(name[len(before) : end])


def person(value: object) -> Person | None:
    """Whoever a user field names; of several, the first."""
    if isinstance(value, list):
        return next(filter(None, map(person, cast("list[object]", value))), None)
    if isinstance(value, str):
        return Person(clean(value), clean(value)) if clean(value) else None
    if not isinstance(value, dict):
        return None
    try:
        payload = msgspec.convert(value, PersonPayload)
    except msgspec.ValidationError:
        return None
    return person_of(payload)


def person_of(payload: PersonPayload | None) -> Person | None:
    """The same from an already parsed user."""
    key = clean(payload.account_key or "") if payload else ""
    if payload is None or not key:
        return None
    return Person(key, payload.display_name or payload.name or key, payload.active)


def person_of_change(value: str | None, text: str | None) -> Person | None:
    """Whoever a changelog value names: an account, a user key, "[key, key]", or a display name alone."""
    key = clean(clean(value or "").strip("[]").split(",")[0])
    if key:
        return Person(key, clean(text or "") or key, told=False)
    name = clean(text or "")
    return Person(f"name:{name}", name, told=False) if name else None


def meet(people: MutableMapping[str, Person], met: Person | None) -> None:
    """Remember somebody; what a user object tells is better than what a change's text tells."""
    if met is not None and (met.account_key not in people or (met.told and not people[met.account_key].told)):
        people[met.account_key] = met


def sprints(
    ids: str | None, names: str | None, known: Mapping[str, int]
) -> tuple[frozenset[int] | NotReadable, tuple[str, ...]]:
    """A changelog's sprint list and the names in it that no sprint has. Ids are believed first, then names."""
    found = _ids(ids)
    if found or not (names or "").strip():
        return (found, ()) if found is not None else (NOT_READABLE, (ids or "",))
    parts = (names or "").split(",")
    read, missing = _names(parts, known)
    return (NOT_READABLE, missing) if missing else (frozenset(read), ())


# The same few lists of sprints stand in thousands of changelogs.
_ids = lru_cache(maxsize=10_000)(ids_of_list)


def _names(parts: list[str], known: Mapping[str, int]) -> tuple[list[int], tuple[str, ...]]:
    """Sprint names may hold commas: the longest run of parts that is a known name wins."""
    read: list[int] = []
    missing: list[str] = []
    start = 0
    while start < len(parts):
        for end in range(len(parts), start, -1):
            name = ",".join(parts[start:end]).strip()
            if name in known:
                read.append(known[name])
                break
        else:
            end = start + 1
            missing.append(parts[start].strip())
        start = end
    return read, tuple(name for name in missing if name)


def candidate_names(text: str) -> set[str]:
    """All names that a comma-separated list of sprint names could hold."""
    parts = text.split(",")[:20]
    return {
        ",".join(parts[start:end]).strip()
        for start in range(len(parts))
        for end in range(start + 1, len(parts) + 1)
    }

"""The archive's rows of an issue: every changed field, people by key alone, long texts left out."""

from collections.abc import Collection, Iterator, MutableMapping, Sequence
from datetime import datetime

import msgspec

from sprintreports.jira import ingest_fields
from sprintreports.jira import ingest_values as read
from sprintreports.jira.ingest_fields import Changes, OrderedChange, change_number
from sprintreports.jira.ingest_values import Person
from sprintreports.jira.payloads import ChangeItem, as_text

LONGEST = 1000
_LONG_TEXTS = frozenset({"description", "environment", "comment"})


class ArchiveRow(msgspec.Struct, frozen=True, gc=False):
    """One changed field. `people`: the two values are account keys, which the store replaces by our ids."""

    change_id: int
    position: int
    at: datetime
    author: str | None
    field: str
    field_id: str | None
    from_value: str | None
    from_text: str | None
    to_value: str | None
    to_text: str | None
    people: bool


def archive(
    changes: Sequence[OrderedChange], by_slot: Changes, people: MutableMapping[str, Person]
) -> tuple[ArchiveRow, ...]:
    """All rows of an issue; authors are added to `people`."""
    of_people = {
        id(item) for slot, entries in by_slot.items() if ingest_fields.of_people(slot) for _, item in entries
    }
    return tuple(_rows(changes, of_people, people))


def _rows(
    changes: Sequence[OrderedChange], of_people: Collection[int], people: MutableMapping[str, Person]
) -> Iterator[ArchiveRow]:
    for at, change in changes:
        author = change.author
        author_key = author.account_key if author else None
        if author_key is None or author_key not in people or not people[author_key].told:
            told = read.person_of(author)
            read.meet(people, told)
            author_key = told.account_key if told else None
        number = change_number(change)
        for position, item in enumerate(change.items):
            yield ArchiveRow(
                number, position, at, author_key, item.field, item.field_id, *_values(item, of_people)
            )


def _values(
    item: ChangeItem, of_people: Collection[int]
) -> tuple[str | None, str | None, str | None, str | None, bool]:
    if item.field in _LONG_TEXTS:
        return None, None, None, None, False
    if id(item) in of_people:
        before = read.person_of_change(item.before, item.before_text)
        after = read.person_of_change(item.after, item.after_text)
        return before.account_key if before else None, None, after.account_key if after else None, None, True
    before, before_text, after, after_text = [
        value if value is None else _cut(value)
        for value in (item.before_value, item.before_string, item.after_value, item.after_string)
    ]
    return before, before_text, after, after_text, False


def _cut(value: object) -> str:
    text = value if isinstance(value, str) else as_text(value) or ""
    return text if len(text) <= LONGEST else text[:LONGEST]

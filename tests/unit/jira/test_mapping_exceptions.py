"""Exceptions for projects and types, and patterns of team names, from the mapping to an issue's timelines."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.jira import ingest_values
from sprintreports.jira.ingest import IngestedIssue, ingest_issue
from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.mapping_values import Exceptions, Override, Slot, wanted_fields
from sprintreports.jira.payloads import ChangePayload, IssuePayload, RawIssue, decode
from tests.unit.jira.samples import (
    DAY_ONE,
    MAPPING,
    OTHER_POINTS,
    POINTS,
    TEAM,
    change,
    day,
    estimated,
    issue,
    item,
    person,
)

SECOND_TEAM, SECOND_OWNER = "customfield_20001", "customfield_20002"
NOBODY: dict[str, int] = {"rita": 1, "ann": 2, "olga": 3}


def read(raw: RawIssue, *overrides: Override, **fields: Any) -> IngestedIssue:
    mapping = msgspec.structs.replace(MAPPING, overrides=overrides, **fields)
    changes = [decode(piece, ChangePayload, "a change") for piece in raw.changes]
    return ingest_issue(
        decode(raw.issue, IssuePayload, "an issue"), changes, fields=FieldIndex.of(mapping, [POINTS])
    )


def test_the_most_specific_exception_holds():
    both = Override(Slot.POINTS, "both", "WEB", "Bug")
    project = Override(Slot.POINTS, "project", "WEB")
    kind = Override(Slot.POINTS, None, type="bug")
    owner = Override(Slot.OWNER, "owner", "WEB")
    found = Exceptions.of([kind, project, both, owner])
    assert found.find(Slot.POINTS, "WEB", "BUG") is both
    assert found.find(Slot.POINTS, "WEB", "Story") is project
    assert found.find(Slot.POINTS, "APP", "Bug") is kind
    assert found.find(Slot.POINTS, "APP", "Story") is None
    assert found.find(Slot.OWNER, "WEB", "Bug") is owner
    assert found.find(Slot.DISCIPLINE, "WEB", "Bug") is None


def test_an_exception_is_stronger_than_the_boards_own_field():
    raw = issue(
        1,
        change(1, day(1), estimated("1", "9", field_id=OTHER_POINTS)),
        points=2,
        type_="Bug",
        **{OTHER_POINTS: 9},
    )
    found = read(raw, Override(Slot.POINTS, OTHER_POINTS, type="Bug"))
    lines = found.timelines(NOBODY, {})
    assert found.current.points == 9_000
    assert lines.points_by(POINTS) == ((DAY_ONE, 1_000), (day(1), 9_000))
    elsewhere = read(raw, Override(Slot.POINTS, OTHER_POINTS, type="Story")).timelines(NOBODY, {})
    assert elsewhere.points_by(POINTS) == ((DAY_ONE, 2_000),)


def test_a_type_can_have_no_points_at_all():
    found = read(issue(1, points=5, type_="Bug"), Override(Slot.POINTS, None, type="Bug"))
    assert found.current.points is None
    assert found.timelines(NOBODY, {}).points_by(POINTS) == ()


def test_team_and_stakeholder_can_differ_too():
    raw = issue(
        1,
        change(1, day(1), item("Crew", SECOND_TEAM, (None, "Red"), (None, "Blue"))),
        change(2, day(2), item("Client", SECOND_OWNER, ("ann", "Ann"), ("olga", "Olga"))),
        team="Web",
        owner="rita",
        **{SECOND_TEAM: {"value": "Blue"}, SECOND_OWNER: person("olga")},
    )
    rules = (Override(Slot.DISCIPLINE, SECOND_TEAM, "APP"), Override(Slot.OWNER, SECOND_OWNER, "APP"))
    found = read(raw, *rules)
    assert found.tracks.disciplines == ((DAY_ONE, "Red"), (day(1), "Blue"))
    assert found.tracks.owners == ((DAY_ONE, "ann"), (day(2), "olga"))
    assert [row.people for row in found.archive] == [False, True]
    plain = read(raw)
    assert (plain.tracks.disciplines, plain.tracks.owners) == (((DAY_ONE, "Web"),), ((DAY_ONE, "rita"),))


def test_fields_of_exceptions_are_asked_for():
    mapping = msgspec.structs.replace(
        MAPPING, overrides=(Override(Slot.OWNER, SECOND_OWNER, "APP"), Override(Slot.POINTS, None, "APP"))
    )
    assert SECOND_OWNER in wanted_fields(mapping)
    assert mapping.fields_of(Slot.DISCIPLINE) == (TEAM,)


@pytest.mark.parametrize(
    ("name", "pattern", "team"),
    [
        ("team:backend", "team:*", "backend"), ("TEAM:Backend", "team:*", "Backend"), ("urgent", "team:*", ""),
        ("team:", "team:*", ""), ("red-squad", "*-squad", "red"), ("squad/red/core", "squad/*/core", "red"),
        ("aba", "ab*ba", ""), ("anything", "*", "anything"), ("anything", "", "anything"), ("", "team:*", ""),
        ("[x](.*)+", "[x]*", "(.*)+"), ("STRASSE-x", "straße-*", ""),
    ],
)  # fmt: skip
def test_patterns(name: str, pattern: str, team: str):
    assert ingest_values.named_team(name, pattern) == team


@given(st.text(), st.text(), st.text(alphabet=st.characters(exclude_characters="*")))
def test_a_pattern_gives_back_what_was_put_in(name: str, before: str, after: str):
    before = before.replace("*", "")
    assert ingest_values.named_team(before + name + after, f"{before}*{after}") == ingest_values.clean(name)


def test_not_every_label_is_a_team():
    raw = issue(
        1,
        change(1, day(1), item("labels", "labels", (None, "urgent"), (None, "urgent team:web"))),
        change(
            2,
            day(2),
            item("labels", "labels", (None, "urgent team:web"), (None, "urgent team:web team:api")),
        ),
        labels=["urgent", "team:web", "team:api"],
    )
    found = read(raw, discipline="labels", discipline_pattern="team:*")
    assert found.tracks.disciplines == ((DAY_ONE, ""), (day(1), "web"), (day(2), "api"))
    assert found.disciplines == {"web", "api"}


def test_a_pattern_of_components_looks_at_all_of_them():
    raw = issue(
        1,
        change(1, day(1), item("Component", None, (None, None), ("1", "Docs"))),
        change(2, day(2), item("Component", None, (None, None), ("2", "Team Web"))),
        components=[{"id": "1", "name": "Docs"}, {"id": "2", "name": "Team Web"}],
    )
    found = read(raw, discipline="components", discipline_pattern="team *")
    assert found.tracks.disciplines == ((DAY_ONE, ""), (day(2), "Web"))
    assert found.gaps == 0


def test_a_list_that_is_empty_now_was_still_a_list():
    raw = issue(
        1,
        change(1, day(1), item("Crews", SECOND_TEAM, (None, "Red,Blue"), (None, None))),
        **{SECOND_TEAM: None},
    )
    found = read(raw, discipline=SECOND_TEAM, separators={SECOND_TEAM: ","})
    assert found.tracks.disciplines == ((DAY_ONE, "Blue"), (day(1), ""))


def test_the_project_can_be_the_team():
    raw = issue(
        1,
        change(1, day(1), item("project", "project", ("7", "Old"), ("100", "APP"))),
    )
    assert read(raw, discipline="project").tracks.disciplines == ((DAY_ONE, "Old"), (day(1), "APP"))

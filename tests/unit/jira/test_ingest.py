"""One issue's JSON and changelog, read into timelines: initial values, order, gaps, awkward values."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from sprintreports.jira import ingest_values
from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.ingest import IngestedIssue, ingest_issue
from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.ingest_values import NOT_READABLE
from sprintreports.jira.payloads import ChangePayload, IssuePayload, RawIssue, decode
from sprintreports.jira.timelines import membership, pack, unpack, value_at
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
    moved,
    parented,
    sprinted,
    stamp,
    teamed,
)

FIELDS = FieldIndex.of(MAPPING)


def read(raw: RawIssue, *, fields: FieldIndex = FIELDS, **known: Any) -> IngestedIssue:
    changes = [decode(piece, ChangePayload, "a change") for piece in raw.changes]
    return ingest_issue(decode(raw.issue, IssuePayload, "an issue"), changes, fields=fields, **known)


def sprints(found: IngestedIssue) -> list[tuple[object, list[int]]]:
    return [(at, sorted(ids)) for at, ids in found.tracks.sprints]


def test_without_changes_the_current_values_hold_since_creation():
    found = read(issue(1, status="2", sprints=[7], points=3.0, team="Backend", assignee="bob"))
    assert sprints(found) == [(DAY_ONE, [7])]
    assert found.tracks.statuses == ((DAY_ONE, "2"),)
    assert found.tracks.points == {POINTS: ((DAY_ONE, 3000),)}
    assert found.tracks.disciplines == ((DAY_ONE, "Backend"),)
    assert found.tracks.assignees == ((DAY_ONE, "bob"),)
    assert found.gaps == 0


def test_the_first_value_is_what_the_first_change_says_was_before():
    found = read(issue(1, change(1, day(2), estimated("5", "8"), moved("1", "2")), status="2", points=8))
    assert found.tracks.points[POINTS] == ((DAY_ONE, 5000), (day(2), 8000))
    assert found.tracks.statuses == ((DAY_ONE, "1"), (day(2), "2"))


def test_changes_are_ordered_by_time_then_id_whatever_their_offsets():
    late = msgspec.json.encode(
        {"id": "9", "created": "2025-03-05T23:00:00.000+1400", "items": [moved("2", "3")]}  # 09:00 UTC
    )
    early = msgspec.json.encode(
        {"id": "10", "created": "2025-03-05T00:30:00.000-0800", "items": [moved("1", "2")]}  # 08:30 UTC
    )
    found = read(issue(1, late, early, status="3"))
    assert found.tracks.statuses == ((DAY_ONE, "1"), (day(2) - timedelta(minutes=30), "2"), (day(2), "3"))
    assert found.gaps == 0
    same_time = read(
        issue(1, change(10, day(2), moved("2", "3")), change(9, day(2), moved("1", "2")), status="3")
    )
    assert same_time.tracks.statuses == ((DAY_ONE, "1"), (day(2), "3"))
    assert same_time.gaps == 0


def test_sprint_lists_of_ids():
    raw = issue(1, change(1, day(1), sprinted([], [7])), change(2, day(2), sprinted([7], [7, 9])),
                change(3, day(3), sprinted([7, 9], [9])), sprints=[9])  # fmt: skip
    found = read(raw)
    assert sprints(found) == [(DAY_ONE, []), (day(1), [7]), (day(2), [7, 9]), (day(3), [9])]
    assert set(found.sprints) == {7, 9}
    assert found.sprints[7].name == "Sprint 7"


def test_sprint_names_are_resolved_and_unknown_ones_are_named():
    raw = issue(
        1, change(1, day(1), sprinted([], [7], ids=False)), change(2, day(2), sprinted([7], [], ids=False))
    )
    found = read(raw, sprint_names={"Sprint 7": 7})
    assert sprints(found) == [(DAY_ONE, []), (day(1), [7]), (day(2), [])]
    unknown = read(raw)
    assert unknown.unknown_sprint_names == {"Sprint 7"}
    assert "“Sprint 7”" in unknown.notes[0]


def test_sprint_names_with_commas():
    known = {"A, B": 1, "C": 2, "A": 3}
    assert ingest_values.sprints(None, "A, B, C", known) == (frozenset({1, 2}), ())
    assert ingest_values.sprints("", "A,X", known) == (NOT_READABLE, ("X",))
    assert ingest_values.sprints("4, 5", "whatever", known) == (frozenset({4, 5}), ())
    assert ingest_values.sprints(None, None, known) == (frozenset(), ())


def test_estimates_cleared_and_given_again():
    raw = issue(
        1, change(1, day(1), estimated("3", "")), change(2, day(2), estimated(None, "0.5")), points=0.5
    )
    assert read(raw).tracks.points[POINTS] == ((DAY_ONE, 3000), (day(1), None), (day(2), 500))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), ("", None), ("  ", None), ("3", 3000), ("3.0", 3000), (3, 3000), (0.5, 500), ("0,5", 500),
        ("0", 0), (0.1, 100), ("1e3", 1_000_000), ("NaN", NOT_READABLE), ("inf", NOT_READABLE),
        (float("nan"), NOT_READABLE), ("-3", NOT_READABLE), (-0.5, NOT_READABLE), (1e12, NOT_READABLE),
        ("1e400", NOT_READABLE), ("three", NOT_READABLE), (True, NOT_READABLE), ([3], NOT_READABLE),
        ({"value": 3}, NOT_READABLE),
    ],
)  # fmt: skip
def test_numbers(value: object, expected: object):
    assert ingest_values.points(value) == expected


def test_seconds():
    assert ingest_values.seconds("3600") == 3600
    assert ingest_values.seconds(-1) is NOT_READABLE
    assert ingest_values.seconds("99999999999999") is NOT_READABLE


def test_an_absurd_estimate_counts_as_none_and_is_named():
    found = read(issue(1, change(1, day(1), estimated("NaN", "5")), points=-4))
    assert found.current.points is None
    assert found.tracks.points[POINTS] == ((DAY_ONE, None),)
    assert any("“-4”" in note for note in found.notes)
    assert any("“NaN”" in note for note in found.notes)


def test_the_current_value_is_believed_from_the_last_change_on():
    found = read(issue(1, change(1, day(1), moved("1", "2")), status="3"))
    assert found.tracks.statuses == ((DAY_ONE, "1"), (day(1), "3"))
    assert found.gaps == 1


def test_a_contradiction_inside_the_changelog_is_counted():
    found = read(issue(1, change(1, day(1), moved("1", "2")), change(2, day(2), moved("1", "3")), status="3"))
    assert found.tracks.statuses == ((DAY_ONE, "1"), (day(1), "2"), (day(2), "3"))
    assert found.gaps == 1


def test_a_made_up_first_event_changes_nothing():
    found = read(issue(1, change(1, DAY_ONE, sprinted([7], [7])), sprints=[7]))
    assert sprints(found) == [(DAY_ONE, [7])]
    assert found.gaps == 0


def test_changes_before_the_creation_count_from_it_and_are_named():
    found = read(
        issue(1, change(1, day(-3), moved("1", "2")), change(2, day(1), moved("2", "3")), status="3")
    )
    assert found.tracks.statuses == ((DAY_ONE, "2"), (day(1), "3"))
    assert "1 changes are dated before" in found.notes[0]


def test_statuses_without_ids_are_found_by_name_and_deleted_ones_are_kept():
    by_name = item("status", None, (None, "In Progress"), (None, "Done"))
    gone = item("status", "status", (None, "Vanished"), (None, "In Progress"))
    raw = issue(1, change(1, day(1), gone), change(2, day(2), by_name), status="3")
    found = read(raw, status_names={"In Progress": "2"})
    assert found.tracks.statuses == ((DAY_ONE, "name:Vanished"), (day(1), "2"), (day(2), "3"))
    assert found.statuses["name:Vanished"] == ("Vanished", "")
    assert found.statuses["3"] == ("Done", "done")


def test_an_issue_that_moved_between_projects_keeps_its_id():
    keys = item("Key", None, (None, "OLD-4"), (None, "APP-1"))
    found = read(issue(1, change(1, day(1), keys, item("project", "project", ("1", "Old"), ("100", "APP")))))
    assert (found.current.issue_id, found.current.key, found.former_keys) == (1, "APP-1", ("OLD-4",))


def test_data_center_changelogs_have_names_only():
    changes = change(1, day(1), item("Story Points", None, (None, "1"), (None, "2")), item("Sprint", None, ("", ""), ("7", "S7")),
                     item("Discipline", None, (None, "Old"), (None, "Backend")))  # fmt: skip
    found = read(issue(1, changes, points=2, sprints=[7], team="Backend"))
    assert found.tracks.points[POINTS] == ((DAY_ONE, 1000), (day(1), 2000))
    assert sprints(found) == [(DAY_ONE, []), (day(1), [7])]
    assert found.tracks.disciplines == ((DAY_ONE, "Old"), (day(1), "Backend"))


def test_discipline_owner_and_assignee_have_histories():
    owner = item("Owner", MAPPING.owner, (None, None), ("olga", "Olga O."))
    assignee = item("assignee", "assignee", ("ann", "Ann A."), (None, None))
    found = read(issue(1, change(1, day(1), teamed("Old", "New"), owner, assignee), team="New", owner="olga"))
    assert found.tracks.disciplines == ((DAY_ONE, "Old"), (day(1), "New"))
    assert found.tracks.owners == ((DAY_ONE, None), (day(1), "olga"))
    assert found.tracks.assignees == ((DAY_ONE, "ann"), (day(1), None))
    assert found.people["olga"].told
    assert found.people["olga"].name == "Name of olga"


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (None, ""), ("QA", "QA"), ({"value": " Ops "}, "Ops"), ({"id": "7", "name": "Team A"}, "Team A"),
        ([{"value": "B"}, {"value": "A"}], "A"), (["front", "back"], "back"), ([], ""), ({"id": "1"}, ""), (4, "4"),
        ({"title": "Blue"}, "Blue"), ({"value": "Child", "child": {"value": "X"}}, "Child"),
    ],
)  # fmt: skip
def test_labels(value: object, label: str):
    assert ingest_values.label(value) == label


def test_labels_and_components_as_disciplines():
    labels = FieldIndex.of(msgspec.structs.replace(MAPPING, discipline="labels"))
    raw = issue(
        1,
        change(1, day(1), item("labels", "labels", (None, "web"), (None, "web api"))),
        labels=["web", "api"],
    )
    assert read(raw, fields=labels).tracks.disciplines == ((DAY_ONE, "web"), (day(1), "api"))
    components = FieldIndex.of(msgspec.structs.replace(MAPPING, discipline="components"))
    raw = issue(
        2,
        change(1, day(1), item("Component", "components", (None, None), ("1", "Api"))),
        change(2, day(2), item("Component", "components", ("2", "Web"), (None, None))),
        components=[{"id": "1", "name": "Api"}],
    )
    assert read(raw, fields=components).tracks.disciplines == ((DAY_ONE, "Web"), (day(1), "Api"))


def test_a_board_may_estimate_with_another_field_than_the_project():
    fields = FieldIndex.of(MAPPING, [OTHER_POINTS])
    raw = issue(
        1, change(1, day(1), estimated(None, "9", field_id=OTHER_POINTS)), points=2, **{OTHER_POINTS: 9}
    )
    lines = read(raw, fields=fields).timelines({"rita": 1}, {})
    assert lines.points_by(OTHER_POINTS) == ((DAY_ONE, None), (day(1), 9000))
    assert lines.points_by(POINTS) == lines.points_by(None) == ((DAY_ONE, 2000),)
    not_fetched = read(issue(1, points=2), fields=fields).timelines({"rita": 1}, {})
    assert not_fetched.points_by(OTHER_POINTS) == ((DAY_ONE, 2000),)


def test_points_by_project():
    mapping = msgspec.structs.replace(MAPPING, points_by_project={"WEB": OTHER_POINTS})
    found = read(issue(1, project="WEB", points=2, **{OTHER_POINTS: 7}), fields=FieldIndex.of(mapping))
    assert (found.current.points, found.current.points_field) == (7000, OTHER_POINTS)


def test_a_sub_task_follows_its_parents_sprints():
    people = {"rita": 1}
    first = read(
        issue(10, change(1, day(2), sprinted([7], [8])), change(2, day(9), sprinted([8], [])))
    ).timelines(people, {})
    second = read(issue(11, sprints=[9])).timelines(people, {})
    child = read(issue(12, change(3, day(4), parented(10, 11)), subtask_of=11, created=day(1))).timelines(
        people, {}
    )
    assert membership(child, {10: first, 11: second}) == (
        (day(1), frozenset({7})), (day(2), frozenset({8})), (day(4), frozenset({9}))
    )  # fmt: skip
    assert membership(child, {}) == ((day(1), frozenset()),)


def test_timelines_survive_packing():
    raw = issue(
        1,
        change(1, day(1), teamed("A", "B"), moved("1", "2"), sprinted([], [3])),
        status="2",
        sprints=[3],
        team="B",
    )
    lines = read(raw).timelines({"rita": 1, "ann": 2}, {"A": 4, "B": 5})
    assert unpack(pack(lines)) == lines
    assert value_at(lines.disciplines, day(0.5)) == 4
    assert value_at(lines.disciplines, day(1)) == 5
    assert value_at(lines.disciplines, day(-9)) == 4


def test_links_name_their_outward_side():
    links = [
        {"type": {"name": "Blocks"}, "outwardIssue": {"id": "5", "key": "APP-5"}},
        {"type": {"name": "Blocks"}, "inwardIssue": {"id": "6", "key": "APP-6"}},
    ]
    found = read(issue(1, issuelinks=links))
    assert [(link.source, link.kind, link.target) for link in found.links] == [
        (1, "Blocks", 5),
        (6, "Blocks", 1),
    ]


def test_the_archive_holds_people_by_key_and_no_long_texts():
    texts = item("description", "description", (None, "old " * 900), (None, "new"))
    long = item("Notes", "customfield_1", (None, None), (None, "x" * 5000))
    assignee = item("assignee", "assignee", ("ann", "Ann A."), ("bob", "Bob B."))
    rows = read(issue(1, change(1, day(1), texts, long, assignee))).archive
    assert [(row.field, row.from_text, row.people) for row in rows] == [
        ("description", None, False), ("Notes", None, False), ("assignee", None, True)
    ]  # fmt: skip
    assert rows[1].to_text == "x" * 1000
    assert (rows[2].from_value, rows[2].to_value, rows[2].to_text, rows[2].author) == (
        "ann",
        "bob",
        None,
        "ann",
    )


@pytest.mark.parametrize("missing", ["created", "updated", "status"])
def test_an_issue_that_lacks_what_none_can_lack_is_refused_by_name(missing: str):
    raw = issue(1)
    body = msgspec.json.decode(raw.issue)
    del body["fields"][missing]
    with pytest.raises(JiraAnswerInvalid, match="APP-1"):
        read(RawIssue(1, msgspec.json.encode(body)))


def test_a_change_without_a_number_is_refused():
    bad = msgspec.json.encode({"id": "x1", "created": stamp(day(1)), "items": []})
    with pytest.raises(JiraAnswerInvalid, match="APP-1"):
        read(issue(1, bad))


def test_one_change_that_came_twice_counts_once():
    twice = change(1, day(1), moved("1", "2"))
    found = read(issue(1, twice, twice, status="2"))
    assert len(found.archive) == 1
    assert found.gaps == 0


def test_missing_people_type_and_priority_are_empty_not_wrong():
    found = read(issue(1, issuetype=None, priority=None, reporter=None, **{TEAM: None}))
    assert (found.current.type, found.current.priority, found.current.reporter) == ("", "", None)
    assert found.current.project_key == "APP"

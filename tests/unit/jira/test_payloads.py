from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.payloads import (
    BoardConfiguration,
    ChangelogRaw,
    ChangePayload,
    IssuePayload,
    Named,
    PersonPayload,
    SprintPayload,
    decode,
    optional_time,
    parse_time,
)
from sprintreports.jira.sprint_values import ids_of_list, legacy_sprint, sprint_ids, sprint_values


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2020-06-12T00:38:51.882+0000", datetime(2020, 6, 12, 0, 38, 51, 882000, UTC)),
        ("2021-01-25T11:09:27.985+0800", datetime(2021, 1, 25, 3, 9, 27, 985000, UTC)),
        ("2017-03-10T06:59:45.476-05:00", datetime(2017, 3, 10, 11, 59, 45, 476000, UTC)),
        ("2020-06-12T00:38:51Z", datetime(2020, 6, 12, 0, 38, 51, tzinfo=UTC)),
        ("2020-06-12", datetime(2020, 6, 12, tzinfo=UTC)),
        (1492070429, datetime(2017, 4, 13, 8, 0, 29, tzinfo=UTC)),
        (1492070429123, datetime(2017, 4, 13, 8, 0, 29, 123000, UTC)),
    ],
)
def test_times_of_every_kind_become_utc_instants(text, instant):
    at = parse_time(text)
    assert at == instant
    assert at.tzinfo is UTC


@pytest.mark.parametrize("text", ["yesterday", "", "2020-13-01T00:00:00Z", 10**20])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(JiraAnswerInvalid, match="is not a time"):
        parse_time(text)


def test_absent_times_stay_absent():
    assert optional_time(None) is None
    assert optional_time("") is None


@given(at=st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1980 < at.year < 2100))
def test_times_survive_their_round_trip(at):
    aware = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert parse_time(aware.strftime("%Y-%m-%dT%H:%M:%S.%f%z")) == aware


def test_unknown_fields_are_ignored_and_raw_values_kept():
    body = b'{"id": "7", "key": "A-7", "new": {"x": 1}, "fields": {"a": {"name": "High", "z": 1}, "b": null}}'
    issue = decode(body, IssuePayload, "x")
    assert issue.issue_id == 7
    assert issue.value("a", Named) == Named(name="High")
    assert issue.value("b", float) is None
    assert issue.value("c", float) is None
    assert issue.value(None, float) is None


def test_a_value_of_another_shape_is_named():
    issue = decode(b'{"id": "7", "key": "A-7", "fields": {"points": "many"}}', IssuePayload, "x")
    with pytest.raises(JiraAnswerInvalid, match="issue A-7, field points"):
        issue.value("points", float)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"id": ', "not complete JSON"),
        (b'{"key": 1}', "unexpected shape"),
        (b"", "not complete JSON"),
        (b"\xff", "JSON"),
    ],
)
def test_answers_that_cannot_be_used_name_the_endpoint(body, problem):
    with pytest.raises(JiraAnswerInvalid, match=rf"/some/endpoint.*{problem}"):
        decode(body, IssuePayload, "/some/endpoint")


def test_changes_of_both_dialects():
    cloud = b'{"id": "1", "created": 1700000000000, "items": [{"field": "Sprint", "fieldId": "cf_1", "from": "7", "to": "7, 9"}]}'
    server = b'{"id": 1, "created": "2020-01-01T00:00:00.000+0100", "items": [{"field": "x", "from": 3, "to": [1], "toString": "t"}]}'
    first, second = decode(cloud, ChangePayload, "x"), decode(server, ChangePayload, "x")
    assert (first.items[0].field_id, first.items[0].after) == ("cf_1", "7, 9")
    assert (second.items[0].field_id, second.items[0].before, second.items[0].after) == (None, "3", "[1]")
    assert second.at == datetime(2019, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changelog", "complete"),
    [
        ({"histories": [{}], "total": 1, "startAt": 0}, True),
        ({"histories": [{}], "total": 2, "startAt": 0}, False),
        ({"histories": [{}], "total": 1, "startAt": 1}, False),
        ({"histories": []}, True),
    ],
)
def test_a_truncated_changelog_is_noticed(changelog, complete):
    assert decode(msgspec.json.encode(changelog), ChangelogRaw, "x").complete is complete


def test_people_are_named_by_what_lasts():
    assert PersonPayload(account_id="a", name="n").account_key == "a"
    assert PersonPayload(key="k", name="n").account_key == "k"
    assert PersonPayload(name="n").account_key == "n"


def test_a_kanban_board_without_estimation_is_read():
    configuration = decode(
        b'{"id": 35, "filter": {"id": 9}, "columnConfig": {"columns": []}}', BoardConfiguration, "x"
    )
    assert configuration.estimation is None
    assert configuration.column_config.columns == ()


HEAD = "com.atlassian.greenhopper.service.sprint.Sprint@1f39706b"


@pytest.mark.parametrize(
    ("text", "sprint"),
    [
        (
            (
                f"{HEAD}[id=7,rapidViewId=2,state=CLOSED,name=IR301,startDate=2017-03-10T06:59:45.476-05:00,"
                "endDate=2017-03-24T07:59:00.000-04:00,completeDate=<null>,sequence=7]"
            ),
            SprintPayload(
                7, "IR301", "closed", None, "2017-03-10T06:59:45.476-05:00", "2017-03-24T07:59:00.000-04:00",
                origin_board_id=2,
            ),
        ),
        (f"{HEAD}[id=7,rapidViewId=<null>,state=FUTURE,name=A, b=c, d,goal=<null>]", SprintPayload(7, "A, b=c, d", "future")),
        (f"{HEAD}[id=7,rapidViewId=2,state=ACTIVE,name=x,id=9,goal=a]b,name=c]", SprintPayload(7, "x,id=9", "active", "a]b,name=c", origin_board_id=2)),
        (f"{HEAD}[name=old,id=1,closed=false,startDate=<null>,id=3]", SprintPayload(3, "old,id=1")),
    ],
)  # fmt: skip
def test_the_old_string_form_with_awkward_names(text, sprint):
    assert legacy_sprint(text) == sprint


@pytest.mark.parametrize("text", ["", "Sprint 7", "7", f"{HEAD}[name=x]", f"{HEAD}[id=<null>,name=x]"])
def test_what_is_no_sprint_string_is_none(text):
    assert legacy_sprint(text) is None


@given(
    name=st.text().filter(lambda text: "endDate=" not in text and "goal=" not in text),
    number=st.integers(1, 10**9),
)
def test_any_name_keeps_its_id(name, number):
    sprint = legacy_sprint(
        f"{HEAD}[id={number},rapidViewId=2,state=CLOSED,name={name},goal=<null>,startDate=x]"
    )
    assert sprint is not None
    assert sprint.id == number


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (None, []),
        ([], []),
        ({"id": 7, "name": "x"}, [7]),
        ([{"id": 9}, {"id": 7}, {"id": 9}], [9, 7]),
        ([7, 9], [7, 9]),
        ("7, 9", [7, 9]),
        ([f"{HEAD}[id=7,state=CLOSED,name=a]", f"{HEAD}[id=9,state=CLOSED,name=b]"], [7, 9]),
        ("no sprint at all", []),
    ],
)
def test_sprint_fields_of_every_kind(value, ids):
    raw = msgspec.json.encode(value)
    assert sprint_ids(raw) == ids


def test_a_sprint_object_without_an_id_is_refused():
    with pytest.raises(JiraAnswerInvalid):
        sprint_values(b'[{"name": "x"}]')
    assert sprint_values(None) == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("7, 9", {7, 9}),
        ("7", {7}),
        ("", set()),
        (None, set()),
        (" 7 ,, 9 ", {7, 9}),
        ("Sprint 7", None),
        ("7, x", None),
    ],
)
def test_lists_of_ids_in_changelogs(text, ids):
    assert ids_of_list(text) == (None if ids is None else frozenset(ids))

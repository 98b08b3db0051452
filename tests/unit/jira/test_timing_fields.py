"""What a plan is timed by, read from Jira's fields: days, moments, classes in words, and all that cannot be one."""

import pytest
from msgspec import structs

from sprintreports.jira import mapping
from sprintreports.jira.context import SiteContext
from sprintreports.jira.ingest_dates import moment
from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.ingest_issue import Current, current_values
from sprintreports.jira.ingest_values import NOT_READABLE
from sprintreports.jira.mapping import FieldMapping, Slot
from sprintreports.jira.mapping_classes import Said, meaning_of, unknown
from sprintreports.jira.mapping_values import wanted_fields
from sprintreports.jira.payloads import FieldPayload, FieldSchema, IssuePayload, decode
from sprintreports.jira.sync.fingerprint import consequences, of_reading
from sprintreports.kit.errors import Invalid
from tests.unit.jira.samples import END, MAPPING, SCHEDULING, START, TIMED, issue

SELECT = "com.atlassian.jira.plugin.system.customfieldtypes:select"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ([], None),
        ("2026-03-24", "2026-03-24"),
        (" 2026-03-24 ", "2026-03-24"),
        ("2026-03-24T09:30:00.123+0530", "2026-03-24T04:00:00+00:00"),
        ("2026-03-24T09:30:00.000Z", "2026-03-24T09:30:00+00:00"),
        ("2026-03-24T00:30:00.000+0100", "2026-03-23T23:30:00+00:00"),
        ("2026-03-24T09:30:00", "2026-03-24T09:30:00"),
        ("2026-03-24 09:30", "2026-03-24T09:30:00"),
        ("2000-01-01", "2000-01-01"),
        ("2099-12-31", "2099-12-31"),
    ],
)  # fmt: skip
def test_days_and_moments_are_kept_in_one_form_each(given: object, kept: str | None):
    assert moment(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999+0000", "0001-01-01T00:00:00+1400", "1999-12-31", "2100-01-01",
        "2026-02-30", "2026-13-01", "24/Mar/26", "soon", "20260324", "2026-W13-2", "2026-03-24T25:00:00", "2026-03-24" * 9,
        1774310400000, 20260324, 3.5, True, {"value": "2026-03-24"}, ["2026-03-24"], "2026-03-24T09:30:00+99:00", "\0",
    ],
)  # fmt: skip
def test_what_is_no_time_to_plan_by_is_none(given: object):
    assert moment(given) is NOT_READABLE


def read(fields: FieldMapping = TIMED, **values: object) -> Current:
    raw = issue(1, **values)
    return current_values(decode(raw.issue, IssuePayload, "issue"), FieldIndex.of(fields))


def test_an_issue_says_its_class_and_times():
    values = {SCHEDULING: {"id": "1", "value": " Maintenance window "}, START: "2026-03-24T09:00:00.000+0100"}
    current = read(**values, **{END: "2026-03-24", "duedate": "2026-03-25"})
    assert (current.scheduling, current.deadline) == ("Maintenance window", "2026-03-25")
    assert (current.planned_start, current.planned_end) == ("2026-03-24T08:00:00+00:00", "2026-03-24")
    assert current.notes == ()


def test_without_a_mapping_nothing_of_it_is_read():
    current = read(MAPPING, **{SCHEDULING: {"value": "Fixed"}, START: "bad", "duedate": "2026-03-25"})
    assert (current.scheduling, current.deadline, current.planned_start) == ("", None, None)
    assert current.notes == ()


def test_a_bad_time_counts_as_empty_and_is_told():
    current = read(**{START: "9999-12-31", END: 7, "duedate": None, SCHEDULING: None})
    assert (current.scheduling, current.planned_start, current.planned_end, current.deadline) == (
        "",
        None,
        None,
        None,
    )
    assert current.notes == (
        "The field “Planned start” holds “9999-12-31”, which is no time to plan by; it counts as empty.",
        "The field “Planned end” holds “7”, which is no time to plan by; it counts as empty.",
    )


@pytest.mark.parametrize(
    ("value", "kept"), [({"value": "x" * 400}, "x" * 255), ([{"value": "B"}, {"value": "A"}], "A"), (True, ""), ("\0", "")]
)  # fmt: skip
def test_a_class_of_an_odd_shape_is_a_short_text_or_nothing(value: object, kept: str):
    assert read(**{SCHEDULING: value}).scheduling == kept


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Maintenance window", Said.HARD),
        ("FIXED", Said.HARD),
        ("hard-scheduled", Said.HARD),
        ("Soft deadline", Said.SOFT),
        ("Target date", Said.SOFT),
        ("flexible", Said.FLEXIBLE),
        ("Any time", Said.FLEXIBLE),
        ("Not fixed", None),
        ("No deadline", None),
        ("non-flexible", None),
        ("inflexible", None),
        ("Hard deadline", None),
        ("windowless", None),
        ("Q3", None),
        ("", None),
        ("🙂", None),
    ],
)
def test_words_name_a_class_or_nobody_knows(value: str, said: Said | None):
    assert meaning_of(value, {}) is said


def test_what_an_admin_said_is_stronger_than_words_whatever_case_and_blanks():
    chosen = {"maintenance window": "flexible", "q3": "soft", "n/a": "nothing"}
    assert meaning_of(" Maintenance  WINDOW", chosen) is Said.FLEXIBLE
    assert meaning_of("Q3", chosen) is Said.SOFT
    assert meaning_of("N/A", chosen) is Said.NOTHING
    assert meaning_of("fixed", {"fixed": "melted"}) is Said.HARD, "what cannot be was never said"
    assert unknown(["Q3", "Q4", "Q4", "", "fixed"], chosen) == ("Q4",)


def field(number: int, name: str, kind: str, custom: str = SELECT) -> FieldPayload:
    return FieldPayload(
        f"customfield_{number}", name, custom=True, schema=FieldSchema(type=kind, custom=custom)
    )


DUE = FieldPayload("duedate", "Due date", custom=False, schema=FieldSchema(type="date"))


def test_the_fields_are_guessed_by_name_where_their_kind_fits():
    fields = [
        DUE, field(1, "Scheduling", "option"), field(2, "Planned start", "datetime", "x"), field(3, "Planned End", "date", "x"),
        field(4, "Change start date", "datetime", "x"),
    ]  # fmt: skip
    guess = mapping.guess(fields, [])
    assert [getattr(guess, slot) for slot in ("scheduling", "deadline", "planned_start", "planned_end")] == [
        "customfield_1", "duedate", "customfield_2", "customfield_3",
    ]  # fmt: skip
    assert {"customfield_1", "duedate", "customfield_2", "customfield_3"} <= set(wanted_fields(guess))
    assert guess.name_of("duedate") == "Due date"
    assert not guess.confirmed


def test_a_field_of_another_kind_is_not_guessed_and_reasons_say_what_follows():
    guess = mapping.guess([field(1, "Scheduling", "number"), field(2, "Planned start", "string")], [])
    assert (guess.scheduling, guess.deadline, guess.planned_start, guess.planned_end) == (
        None,
        None,
        None,
        None,
    )
    assert "all others are flexible" in guess.reasons[Slot.SCHEDULING]
    assert "no due date" in guess.reasons[Slot.DEADLINE]


def test_the_due_date_can_be_chosen_for_the_deadline_alone():
    offered = {slot: [one.field_id for one in mapping.choices([DUE], slot)] for slot in Slot}
    assert [slot for slot, ids in offered.items() if ids] == [Slot.DEADLINE]


def test_an_admin_says_what_values_mean():
    fields = [DUE, field(1, "Scheduling", "option")]
    kept = mapping.confirm(
        fields, FieldMapping(), {"scheduling": "customfield_1"}, values={" Night  Shift ": "hard"}
    )
    assert kept.scheduling_values == {"night shift": "hard"}
    assert mapping.confirm(fields, kept, {}).scheduling_values == {"night shift": "hard"}, (
        "left out: as it was"
    )
    with pytest.raises(Invalid) as refused:
        mapping.confirm(
            fields, kept, {"deadline": "customfield_9"}, values={"a": "melted", "b" * 256: "hard"}
        )
    assert {one.field for one in refused.value.details} == {"deadline", "scheduling_values"}
    with pytest.raises(Invalid):
        mapping.confirm(fields, kept, {}, values={str(n): "hard" for n in range(201)})


def test_a_new_field_is_read_again_and_a_new_meaning_of_a_value_is_not():
    def print_of(fields: FieldMapping) -> str:
        return of_reading(SiteContext(1, "", fields, FieldIndex.of(fields)))

    plain = print_of(MAPPING)
    assert print_of(TIMED) != plain
    told = structs.replace(TIMED, scheduling_values={"q3": "soft"})
    assert print_of(told) == print_of(TIMED)
    asked = consequences(
        read_with=plain,
        now_with=print_of(TIMED),
        fields_read=wanted_fields(MAPPING),
        fields_needed=wanted_fields(TIMED),
    )
    assert (asked.replay, asked.read_all) == (True, True)

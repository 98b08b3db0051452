import pytest

from sprintreports.jira import mapping
from sprintreports.jira.mapping import FieldMapping, Slot
from sprintreports.jira.payloads import (
    BoardConfiguration,
    Estimation,
    EstimationField,
    FieldPayload,
    FieldSchema,
)
from sprintreports.kit.errors import Invalid


def field(number, name, type_="number", custom=mapping.NUMBER_TYPE, items=None):
    return FieldPayload(f"customfield_{number}", name, True, FieldSchema(type_, custom, None, items))


def board(field_id=None, *, kind="field"):
    estimation = Estimation(kind, EstimationField(field_id) if field_id else None)
    return BoardConfiguration(1, estimation=estimation)


POINTS = field(1, "Story Points")
TEAM_POINTS = field(2, "Story point estimate", custom=mapping.TEAM_POINTS_TYPE)
SPRINT = field(3, "Sprint", "array", mapping.SPRINT_TYPE, "json")
EPIC = field(4, "Epic Link", "any", mapping.EPIC_LINK_TYPE)
OWNER = field(5, "Owner", "user", "userpicker")
DISCIPLINE = field(6, "Discipline Team", "option", "select")
ALL = [POINTS, TEAM_POINTS, SPRINT, EPIC, OWNER, DISCIPLINE]


def test_the_boards_own_estimation_field_is_believed_before_names():
    odd = field(9, "Größe")
    guessed = mapping.guess([*ALL, odd], [("A", board(odd.id))])
    assert guessed.points == odd.id
    assert "1 of 1 boards" in guessed.reasons[Slot.POINTS]


def test_projects_that_estimate_otherwise_get_a_field_of_their_own():
    configurations = [
        ("A", board(POINTS.id)),
        ("B", board(POINTS.id)),
        ("C", board(TEAM_POINTS.id)),
        (None, board(TEAM_POINTS.id)),
    ]
    guessed = mapping.guess(ALL, [*configurations, ("A", board(POINTS.id))])
    assert guessed.points == POINTS.id
    assert guessed.points_by_project == {"C": TEAM_POINTS.id}
    assert (guessed.points_of("A"), guessed.points_of("C")) == (POINTS.id, TEAM_POINTS.id)


def test_time_estimates_and_issue_counts_are_no_points():
    guessed = mapping.guess(ALL, [("A", board(mapping.SECONDS)), ("B", board(kind="issueCount"))])
    assert guessed.points == POINTS.id
    assert "named" in guessed.reasons[Slot.POINTS]


def test_the_rest_is_told_by_type_and_name():
    guessed = mapping.guess(ALL, [])
    assert (guessed.sprint, guessed.epic, guessed.owner, guessed.discipline) == (
        SPRINT.id,
        EPIC.id,
        OWNER.id,
        DISCIPLINE.id,
    )
    assert guessed.names[SPRINT.id] == "Sprint"
    assert not guessed.confirmed


def test_what_is_not_there_is_said_so():
    guessed = mapping.guess([], [])
    assert (guessed.points, guessed.owner, guessed.discipline, guessed.epic) == (None, None, None, None)
    assert guessed.sprint == "sprint"
    assert set(guessed.reasons) == set(Slot)


def test_two_fields_of_one_name_are_pointed_out():
    guessed = mapping.guess([OWNER, field(55, "Owner", "string", "text")], [])
    assert guessed.owner == OWNER.id
    assert "2 fields look like this" in guessed.reasons[Slot.OWNER]


def test_an_atlassian_team_is_a_discipline_where_no_name_fits():
    team = field(8, "Mannschaft", "team", mapping.ATLASSIAN_TEAM_TYPE)
    assert mapping.guess([team], []).discipline == team.id


def test_an_admin_confirms_with_changes():
    current = mapping.guess(ALL, [("C", board(TEAM_POINTS.id))])
    chosen = mapping.confirm(ALL, current, {"owner": None, "points": POINTS.id}, {"C": TEAM_POINTS.id})
    assert (chosen.owner, chosen.points, chosen.points_by_project) == (None, POINTS.id, {"C": TEAM_POINTS.id})
    assert chosen.confirmed
    assert chosen.reasons["owner"] == "Chosen by an admin."
    assert chosen.names[TEAM_POINTS.id] == "Story point estimate"


@pytest.mark.parametrize(
    ("changes", "by_project", "problem"),
    [
        ({"mood": "x"}, {}, "mood"),
        ({"sprint": None}, {}, "sprint"),
        ({"points": "customfield_404"}, {}, "points"),
        ({}, {"A": "customfield_404"}, "points_by_project.A"),
    ],
)
def test_choices_that_cannot_be_are_refused(changes, by_project, problem):
    with pytest.raises(Invalid) as caught:
        mapping.confirm(ALL, FieldMapping(), changes, by_project)
    assert [one.field for one in caught.value.details] == [problem]


def test_fitting_fields_are_offered_first():
    first, *rest = mapping.choices(ALL, Slot.OWNER)
    assert (first.field_id, first.fits) == (OWNER.id, True)
    assert not any(choice.fits for choice in rest)
    components = FieldPayload(
        "components", "Components", False, FieldSchema("array", None, "components", "component")
    )
    assert "components" in [choice.field_id for choice in mapping.choices([components], Slot.DISCIPLINE)]


def test_a_sync_reads_mapped_fields_and_candidates_only():
    text = field(70, "Acceptance criteria", "string", "textarea")
    other_number = field(71, "Business value")
    wanted = mapping.fields_to_read(
        FieldMapping(points=POINTS.id), [*ALL, text, other_number], [TEAM_POINTS.id, "gone"]
    )
    assert {POINTS.id, TEAM_POINTS.id, other_number.id, OWNER.id, DISCIPLINE.id} <= set(wanted)
    assert text.id not in wanted
    assert "gone" not in wanted
    assert len(wanted) == len(set(wanted))


def test_candidates_are_bounded():
    many = [field(number, f"Number {number}") for number in range(500)]
    assert len(mapping.candidates(many)) == mapping.CANDIDATES

"""Mappings that cannot be: each problem is named by its place, with a sentence that tells what to do."""

import msgspec
import pytest

from sprintreports.jira import mapping
from sprintreports.jira.mapping_checks import MOST_OVERRIDES
from sprintreports.jira.mapping_values import SECONDS, FieldMapping, Override, Slot
from sprintreports.kit.errors import Invalid
from tests.unit.jira.test_mapping import ALL, DISCIPLINE, OWNER, POINTS, SPRINT, TEAM_POINTS, field

LABELS = field(7, "Teams", "array", "labels", "string")
CREWS = field(8, "Crews", "array", "multiselect", "option")
KNOWN = FieldMapping(points=POINTS.id, sprint=SPRINT.id, names={"customfield_99": "Gone"})


def refused(*overrides: Override, current: FieldMapping = KNOWN, **options) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        mapping.confirm(ALL, current, options.pop("changes", {}), overrides=overrides, **options)
    return [(problem.field, problem.message) for problem in caught.value.details]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (Override(Slot.SPRINT, SPRINT.id, "WEB"), "Only story points"),
        (Override(Slot.POINTS, POINTS.id), "needs a project"),
        (Override(Slot.POINTS, "customfield_404", "WEB"), "no field customfield_404"),
        (Override(Slot.POINTS, "customfield_99", "WEB"), "“Gone” (customfield_99) for story points is no longer"),
        (Override(Slot.OWNER, OWNER.id, "WEB", pattern="a*"), "Only a discipline team"),
        (Override(Slot.DISCIPLINE, DISCIPLINE.id, "WEB", pattern="a**"), "has 2"),
        (Override(Slot.POINTS, POINTS.id, "GONE"), "No project GONE is known"),
    ],
)  # fmt: skip
def test_exceptions_that_cannot_be(override: Override, said: str):
    ((place, sentence),) = refused(override, projects={"WEB"})
    assert place == "overrides.0"
    assert said in sentence


def test_time_is_not_points():
    fields = [*ALL, field(1, "Original estimate")]
    fields[-1] = msgspec.structs.replace(fields[-1], id=SECONDS, custom=False)
    with pytest.raises(Invalid) as caught:
        mapping.confirm(fields, KNOWN, {"points": SECONDS})
    assert "time, not story points" in caught.value.details[0].message


def test_two_exceptions_for_the_same_are_pointed_out():
    twice = (
        Override(Slot.POINTS, POINTS.id, "WEB", "Bug"),
        Override(Slot.POINTS, TEAM_POINTS.id, "WEB", "bug"),
    )
    found = refused(*twice)
    assert [place for place, _ in found] == ["overrides.0", "overrides.1"]
    assert "2 exceptions for story points of project WEB and type Bug" in found[0][1]


def test_there_is_a_most():
    many = [Override(Slot.POINTS, POINTS.id, f"P{number}") for number in range(MOST_OVERRIDES + 1)]
    assert refused(*many) == [
        ("overrides", f"There can be at most {MOST_OVERRIDES} exceptions; these are {MOST_OVERRIDES + 1}.")
    ]


def test_an_exception_for_a_project_that_is_gone_since_may_stay():
    kept = Override(Slot.POINTS, POINTS.id, "GONE")
    current = msgspec.structs.replace(KNOWN, overrides=(kept,))
    assert mapping.confirm(ALL, current, {}, projects={"WEB"}).overrides == (kept,)
    assert mapping.confirm(ALL, KNOWN, {}, overrides=[kept], projects=None).overrides == (kept,)


def test_a_field_that_vanished_from_jira_is_named():
    assert refused(changes={"points": "customfield_99"})[0][1].startswith(
        "The field “Gone” (customfield_99) for story points is no longer in this Jira"
    )


@pytest.mark.parametrize("pattern", ["team:", "a*b*", "*" + "x" * 100])
def test_patterns_that_cannot_be(pattern: str):
    assert [place for place, _ in refused(pattern=pattern)] == ["discipline_pattern"]


def test_what_parts_the_values_is_kept_for_fields_that_hold_several():
    rules = [Override(Slot.DISCIPLINE, LABELS.id, "WEB"), Override(Slot.DISCIPLINE, DISCIPLINE.id, "APP")]
    chosen = mapping.confirm(
        [*ALL, LABELS, CREWS], KNOWN, {"discipline": CREWS.id}, overrides=rules, pattern=" crew *"
    )
    assert chosen.separators == {CREWS.id: ",", LABELS.id: " "}
    assert chosen.names[LABELS.id] == "Teams"
    assert chosen.discipline_pattern == "crew *"
    stored = msgspec.convert(msgspec.to_builtins(chosen), FieldMapping)
    assert stored == chosen

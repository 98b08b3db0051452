"""The panel of fields as text: shares, exceptions and what follows, also for a Jira of 500 projects and odd names."""

from sprintreports.jira.mapping import FieldChoice, FieldMapping, Slot
from sprintreports.jira.mapping_classes import Said
from sprintreports.jira.mapping_preview import Preview, Reading, Share, Tried
from sprintreports.jira.mapping_sample import Basis
from sprintreports.jira.mapping_setup import Effect
from sprintreports.jira.mapping_values import Override
from sprintreports.ui.connecting import field_lines

POINTS = FieldChoice("customfield_1", "Story Points", "number", fits=True)
SIZE = FieldChoice("customfield_2", "Größe <b>, 'x'", "number", fits=True)
RANK = FieldChoice("customfield_3", "Rank", "any", fits=False)


def previewed(**changes) -> Preview:
    values = {
        "basis": Basis.SPRINTS, "looked_at": 1204, "issues": (), "filled": {}, "changed": {Slot.POINTS: 12},
        "shares": {
            Slot.POINTS: (
                Share("customfield_1", 1000, 41, (("3", 400), ("5", 300), ("8", 200), ("1", 100))),
                Share("customfield_2", 24, 1, (("2", 24),)), Share("customfield_3", 1204, 9, ()),
            )
        },
        "reach": (), "effect": Effect.REPLAY, "stored_issues": 100_000, "new_fields": (),
    }  # fmt: skip
    return Preview(**{**values, **changes})


def test_the_chosen_field_and_the_others_tell_what_they_hold():
    line = field_lines.slot_line(Slot.POINTS, FieldMapping(points="customfield_1"), [POINTS, SIZE, RANK])
    shown = field_lines.with_preview(line, previewed())
    assert (
        shown.share == "Filled in 83 % of 1,204 issues; 41 values, most frequent 3 (400), 5 (300), 8 (200)."
    )
    assert shown.others == [
        "Größe <b>, 'x' (number): filled in 2 % of 1,204 issues; 1 value, most frequent 2 (24)"
    ]
    assert shown.changed == "Reads 12 issues otherwise than now."
    nothing = field_lines.with_preview(line, previewed(shares={}, changed={}))
    assert (nothing.share, nothing.changed) == ("Empty, or not of this kind, in all of 1,204 issues.", "")
    empty = previewed(looked_at=0, shares={}, changed={})
    assert field_lines.with_preview(line, empty).share == ""
    assert field_lines.basis_text(empty) == "There are no issues to try this on yet."


def test_what_follows():
    names = {"customfield_2": "Size"}
    assert field_lines.follows(previewed(), names) == (
        "Confirming reads 100,000 stored issues again, without a call to Jira."
    )
    read = previewed(effect=Effect.READ, new_fields=("customfield_2", "customfield_9"))
    assert "“Size”, “customfield_9” has not been read before" in field_lines.follows(read, names)
    assert field_lines.follows(previewed(effect=Effect.NONE), names).startswith("Confirming changes nothing")
    assert field_lines.follows(previewed(effect=Effect.NONE, stored_issues=0), names).startswith(
        "Nothing is stored"
    )


def test_hundreds_of_projects_are_not_all_listed():
    mapping = FieldMapping(points_by_project={f"P{number:03}": "customfield_1" for number in range(500)})
    found = field_lines.found_by_project(mapping)
    assert found[0] == "P000: customfield_1"
    assert found[12:] == ["And 488 more projects."]


def test_exceptions_in_words_and_back():
    rules = [
        Override(Slot.POINTS, None, "WEB", "Bug"), Override(Slot.DISCIPLINE, "labels", type="T|y<p>e", pattern="team:*"),
        Override(Slot.OWNER, "customfield_9", "WEB"),
    ]  # fmt: skip
    lines = [field_lines.exception_line(rule, {"labels": "Labels"}, 1) for rule in rules]
    assert [line.text for line in lines] == [
        "Story points of WEB of the type Bug: none.",
        "Discipline team of the type T|y<p>e: Labels, named like team:*.",
        "Stakeholder of WEB: customfield_9 (no longer in this Jira).",
    ]
    assert lines[0].reach == "Holds for 1 stored issue."
    assert field_lines.exception_line(rules[0], {}, None).reach == ""
    assert [line.override() for line in lines] == rules
    assert len({line.key for line in lines}) == 3


def test_a_real_issue_shows_what_differs():
    before = Reading(points=3000, team="Web", stakeholder="Rita", sprints=("Sprint 1", "Sprint 2"))
    after = Reading(points=None, team="Web", stakeholder="Olga", is_owner=True, sprints=before.sprints)
    line = field_lines.tried_line(Tried("APP-1", "APP", "Story", before, after))
    assert [(cell.text, cell.was) for cell in line.cells] == [
        ("—", "3"), ("Web", ""), ("Olga", "Rita (reporter)"), ("Sprint 1, Sprint 2", ""), ("—", ""),
    ]  # fmt: skip
    broken = field_lines.tried_line(Tried("APP-1", "APP", "", before, Reading(problem="It cannot be read.")))
    assert broken.problem == "It cannot be read."


def test_what_an_issue_is_timed_by_is_told_in_the_fields_own_words():
    fixed = Reading(
        scheduling="Fixed",
        scheduling_class=Said.HARD,
        planned_start="2026-03-24T09:00:00+00:00",
        planned_end="2026-03-24",
    )
    odd = Reading(scheduling="Q3", deadline="2026-03-24T17:30:00")
    line = field_lines.tried_line(Tried("APP-1", "APP", "Story", odd, fixed))
    assert line.cells[-1].text == "Fixed (at exact times), from 2026-03-24 09:00 UTC, until 2026-03-24"
    assert line.cells[-1].was == "Q3 (not known), due 2026-03-24 17:30"


def test_values_are_listed_with_what_they_mean_and_those_told_before_stay():
    shares = {
        Slot.SCHEDULING: (Share("customfield_1", 9, 3, (("Maintenance  Window", 5), ("Q3", 3), ("q3", 1))),)
    }
    preview = Preview(Basis.UPDATED, 9, (), {}, {}, shares, (), Effect.NONE, 9, ())
    lines = field_lines.meaning_lines(preview, "customfield_1", {"q3": "soft", "old one": "nothing"})
    assert [(one.value, one.seen, one.chosen) for one in lines] == [
        ("Maintenance  Window", "in 5 issues", field_lines.GUESS),
        ("Q3", "in 3 issues", "soft"),
        ("old one", "in none of the issues looked at", "nothing"),
    ]
    assert [one.guess for one in lines] == [
        "As its words say: at exact times", "Not known: choose what it means", "Not known: choose what it means",
    ]  # fmt: skip
    assert field_lines.meaning_lines(preview, field_lines.NONE, {}) == []

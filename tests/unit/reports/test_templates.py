"""Templates: parts in order, some hidden, text with placeholders that can do nothing but stand for values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Unit
from sprintreports.reports.building.review import review_document
from sprintreports.reports.building.told import Told
from sprintreports.reports.building.trend import trend_document
from sprintreports.reports.document.blocks import (
    Chart,
    Document,
    DocumentKind,
    Facts,
    Notice,
    Paragraph,
    Table,
)
from sprintreports.reports.templates.applying import NAMES, SENTENCES, applied, check, values_of
from sprintreports.reports.templates.contents import CONTENTS, Shape, hidden_by, placeholders, shown_of
from sprintreports.reports.templates.layout import Layout, OwnText, Part
from sprintreports.reports.templates.parts import FACTS, SECTIONS
from sprintreports.reports.templates.placeholders import check as checked
from sprintreports.reports.templates.placeholders import render
from sprintreports.reports.templates.system import LAYOUTS
from tests.forecast_samples import CLOSED
from tests.reports_samples import CLOSE, FIRST, MARKUP_TITLE, PEOPLE, snapshot
from tests.unit.reports.test_baseline_report import FRAME, report
from tests.unit.reports.test_other_reports import ONE_BOARD, comparison

VALUES = {
    "sprint": {"name": "Payments 14", "markup": MARKUP_TITLE, "items": "3"},
    "facts": {"completed": "8 points"},
}


def documents() -> dict[DocumentKind, Document]:
    first = snapshot(CLOSE)
    two = comparison(first, replace(first, jira_sprint_id=141, sprint_name="Payments 15"))
    return {
        DocumentKind.BASELINE: report(),
        DocumentKind.COMPARISON: two,
        DocumentKind.TREND: trend_document(ONE_BOARD, FRAME),
        DocumentKind.REVIEW: review_document(Told(first, Unit.POINTS, PEOPLE), FRAME, given=CLOSED),
    }


def test_placeholders_filters_and_conditions():
    assert render("{{ sprint.name }}: {{ facts.completed }}", VALUES) == "Payments 14: 8 points"
    assert render("{{ sprint.name | upper }}", VALUES) == "PAYMENTS 14"
    assert render("{% if facts.completed == '8 points' %}yes{% else %}no{% endif %}", VALUES) == "yes"
    assert render("No placeholder at all {", VALUES) == "No placeholder at all {"


@pytest.mark.parametrize(
    "text",
    [
        "{{ sprint.name | upper(1) }}", "{{ sprint.name | trim(1) }}", "{{ 1 in sprint.name }}", "{{ 1 < sprint.name }}",
        "{{ 1 < 2 < 'a' }}", "{{ " + "9" * 5_000 + " }}", "{{ 0x" + "f" * 15_000 + " }}", "{{ sprint.name" + "|upper" * 2_500 + " }}",
        "{% if sprint.name %}a" + "{% elif sprint.name %}a" * 700 + "{% endif %}", "{{ " + "sprint.name and " * 1_000 + "1 }}",
        "{{ " + "not " * 4_000 + "1 }}", "{{ " + "(" * 6_000 + "1" + ")" * 6_000 + " }}", "{{ " + "1 if 1 else " * 1_300 + "1 }}",
    ],
    ids=lambda text: text[:24],
)  # fmt: skip
def test_what_python_would_choke_on_is_told_when_it_is_kept_and_when_it_is_shown(text: str):
    for ask in (render, checked):
        with pytest.raises(Invalid) as refused:
            ask(text, VALUES)
        assert [one.field for one in refused.value.details] == ["text"]
        assert len(refused.value.message) < 300


def test_no_escape_makes_a_character_that_no_file_can_hold():
    assert render("{{ 'a\\ud800b\\x00c' }}", VALUES).replace("\ufffd", "").replace(" ", "") == "abc"


def test_the_result_is_plain_text_as_it_stands():
    assert render("{{ sprint.markup }}", VALUES) == MARKUP_TITLE


def test_entries_come_before_what_mappings_can_do():
    assert render("{{ sprint.items }}", VALUES) == "3"


@pytest.mark.parametrize(
    "text",
    [
        "{{ sprint.nothing }}",
        "{{ nothing }}",
        "{{ sprint }}",
        "{{ facts.keys }}",
        "{{ sprint.name.upper() }}",
        "{{ sprint.__class__ }}",
        "{{ sprint.name.__class__.__mro__ }}",
        "{{ sprint['__class__'] }}",
        "{{ (sprint.name | upper).__class__ }}",
        "{{ ''.__class__ }}",
        "{{ sprint.name | attr('__class__') }}",
        "{{ sprint.name | center(1000000000) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%99999999d' % 1 }}",
        "{% for one in range(1000000000) %}{{ one }}{% endfor %}",
        "{% set a = 1 %}",
        "{% macro a() %}{% endmacro %}",
        "{% include 'a' %}",
        "{% import 'a' as b %}",
        "{% extends 'a' %}",
        "{{ cycler(1) }}",
        "{{ lipsum(1000) }}",
        "{{ self }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ sprint.name[0:1] }}",
        "{% if sprint.name is callable %}{% endif %}",
        "{{ sprint.name",
        "{% if %}",
        "{% raise %}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "x" * 20_001,
    ],
)
def test_whatever_else_is_refused_with_a_sentence(text: str):
    with pytest.raises(Invalid) as refused:
        render(text, VALUES, field="pieces.0.text")
    assert refused.value.details[0].field == "pieces.0.text"
    assert refused.value.message.endswith(".")


def test_an_unknown_placeholder_is_told_with_the_known_ones():
    with pytest.raises(Invalid, match=r"'sprint\.nothing'.*facts\.completed.*sprint\.name"):
        render("{{ sprint.nothing }}", VALUES)


def test_the_result_is_bounded():
    long = {"sprint": {"name": "x" * 60_000}}
    with pytest.raises(Invalid, match="longer"):
        render("{{ sprint.name }}{{ sprint.name }}", long)


def test_parts_come_in_the_templates_order_and_hide_what_they_are_told_to():
    layout = Layout(
        (
            Part("stakeholders", title="Who asked", hidden=("stakeholders_chart",)),
            OwnText("", "{{ sprint.name }}"),
            Part("overview", hidden=("sentences", "sprint", "churn")),
        )
    )
    found = applied(report(), layout, names={"sprint": {"name": "Payments 14"}})
    assert [section.key for section in found.sections] == ["stakeholders", "text_2", "overview"]
    assert found.sections[0].title == "Who asked"
    assert [type(block) for block in found.sections[0].blocks] == [Table]
    assert found.sections[1].blocks == (Paragraph("Payments 14"),)
    (totals,) = found.sections[2].blocks
    assert isinstance(totals, Facts)
    assert "churn" not in {fact.key for fact in totals.facts}


def test_numbers_are_the_same_in_every_template():
    plain = {chart.key: chart for chart in report().charts}
    for one in LAYOUTS:
        if one.kind is DocumentKind.BASELINE:
            laid = applied(report(), one.layout, names=NAMES[one.kind])
            assert all(chart == plain[chart.key] for chart in laid.charts)


def test_what_the_report_lacks_is_left_out_and_reads_as_a_dash():
    document = report(replace(snapshot(FIRST), queue=None))
    layout = Layout((Part("queue"), OwnText("", "{{ facts.fairness }}")))
    (section,) = applied(document, layout).sections
    assert section.blocks == (Paragraph("–"),)
    (empty,) = applied(document, Layout((Part("queue"),))).sections
    assert isinstance(empty.blocks[0], Notice)


def test_an_empty_layout_changes_nothing():
    assert applied(report(), Layout()) == report()
    assert applied(report(), None) == report()


def test_notices_are_never_hidden():
    document = report(replace(snapshot(FIRST), notes=("The capacity is that of now.",)))
    hidden = (*FACTS[DocumentKind.BASELINE], "sentences", "sprint", "totals")
    (section,) = applied(document, Layout((Part("overview", hidden=hidden),))).sections
    (notice,) = section.blocks
    assert isinstance(notice, Notice)
    assert notice.text == "The capacity is that of now."


def test_checks_name_every_problem():
    layout = Layout(
        (Part("nothing"), Part("teams"), Part("teams"), OwnText("{{ x }}", "{{ facts.never }}")), title="{{"
    )
    with pytest.raises(Invalid) as refused:
        check(layout, DocumentKind.BASELINE)
    assert [one.field for one in refused.value.details] == [
        "title", "pieces.0.key", "pieces.2.key", "pieces.3.title", "pieces.3.text",
    ]  # fmt: skip


def test_the_systems_own_layouts_are_right():
    assert len({one.key for one in LAYOUTS}) == len(LAYOUTS)
    for one in LAYOUTS:
        check(one.layout, one.kind)
        assert applied(documents()[one.kind], one.layout, names=NAMES[one.kind]).sections


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_what_templates_can_name_is_what_reports_have(kind: DocumentKind):
    document = documents()[kind]
    sections = {section.key: section.title for section in document.sections}
    # A trend of one board has no section of boards; points are called by their unit.
    assert sections.keys() == SECTIONS[kind].keys() - {"boards"}
    figures = {
        fact.key for section in document.sections for block in section.blocks if isinstance(block, Facts) for fact in block.facts
    }  # fmt: skip
    assert figures == set(FACTS[kind])
    assert set(values_of(document)["facts"]) == figures
    assert any(isinstance(block, Chart) for section in document.sections for block in section.blocks)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_what_can_be_left_out_of_a_section_is_what_is_in_it(kind: DocumentKind):
    assert list(CONTENTS[kind]) == list(SECTIONS[kind])
    document = documents()[kind]
    for section in document.sections:
        found: list[tuple[str, Shape, str]] = []
        for block in section.blocks:
            match block:
                case Facts(key=group, facts=facts):
                    found += [(fact.key, Shape.FIGURE, group) for fact in facts]
                case Paragraph():
                    found.append((SENTENCES, Shape.SENTENCES, ""))
                case Chart(key=key):
                    found.append((key, Shape.CHART, ""))
                case Table(key=key):
                    found.append((key, Shape.TABLE, ""))
                case Notice():
                    pass
        known = [(one.key, one.shape, one.group) for one in CONTENTS[kind][section.key]]
        assert sorted(known) == sorted(found), section.key
        # A figure that is called as its group, or as another one of the section, could not be hidden by itself.
        keys = [key for key, _, _ in known] + sorted({group for _, _, group in known if group})
        assert len(keys) == len(set(keys)), section.key


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_the_placeholders_of_the_menu_are_those_that_text_can_hold(kind: DocumentKind):
    offered = [one.name for one in placeholders(kind)]
    assert len(offered) == len(set(offered))
    for one in placeholders(kind):
        check(Layout((OwnText("", one.text),)), kind)
    with pytest.raises(Invalid) as refused:
        check(Layout((OwnText("", "{{ no.such }}"),)), kind)
    told = refused.value.details[0].message.partition("There are ")[2].rstrip(".").split(", ")
    assert sorted(offered) == sorted(told)


def test_ticks_become_what_a_template_hides_and_come_back():
    overview = CONTENTS[DocumentKind.BASELINE]["overview"]
    every = {one.key for one in overview}
    assert shown_of(overview, ()) == every
    assert hidden_by(overview, every) == ()
    assert hidden_by(overview, every - {"churn", SENTENCES}) == ("churn", SENTENCES)
    figures = {one.key for one in overview if one.group == "totals"}
    assert hidden_by(overview, every - figures) == ("totals",)
    assert shown_of(overview, ("totals",)) == every - figures
    layout = Layout((Part("overview", hidden=hidden_by(overview, {"goal", SENTENCES})),))
    (section,) = applied(report(), layout).sections
    (facts, sentences) = section.blocks
    assert isinstance(facts, Facts)
    assert [fact.key for fact in facts.facts] == ["goal"]
    assert isinstance(sentences, Paragraph)

"""A template on a document: its parts in the template's order, some hidden, text of one's own between them. Numbers stay as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.reports.document import text
from sprintreports.reports.document.blocks import (
    Block,
    Chart,
    Document,
    DocumentKind,
    Fact,
    Facts,
    Notice,
    Paragraph,
    Section,
    Table,
)
from sprintreports.reports.templates import placeholders
from sprintreports.reports.templates.layout import Layout, OwnText, Part
from sprintreports.reports.templates.parts import FACTS, REPORT, SECTIONS
from sprintreports.reports.templates.placeholders import Values

#: Hides the sentences of a section; notices stay, they must not be overlooked.
SENTENCES = "sentences"
NOTHING_LEFT = (
    "The template names no part that this report has. Choose another template, or add sections to this one."
)
_LONGEST_TITLE = 300


def applied(document: Document, layout: Layout | None, *, names: Values | None = None) -> Document:
    """The document as the template lays it out. A section that this report does not have (no queue is active) is left out.

    names: what the text can hold besides the document's own figures, such as {"sprint": {"name": …}}. Raises Invalid.
    """
    if layout is None or (not layout.pieces and not layout.title):
        return document
    values: Values = {**values_of(document), **(names or {})}
    sections = document.sections if not layout.pieces else tuple(_sections(document, layout, values))
    title = _line(layout.title, values, field="title") if layout.title else document.title
    if not sections:
        sections = (Section("empty", "Nothing to show", (Notice(NOTHING_LEFT),)),)
    return replace(document, title=title or document.title, sections=sections)


def values_of(document: Document) -> dict[str, dict[str, str]]:
    """What placeholders stand for: the report itself, and its figures as their reader writes them."""
    facts = dict.fromkeys(FACTS[document.kind], text.NOTHING)
    for fact in _facts(document.sections):
        facts[fact.key] = text.written(fact.value, fact.kind, zone=document.zone, unit=fact.unit)
    return {
        "report": {
            "title": document.title,
            "subtitle": document.subtitle,
            "made_at": text.instant(document.made_at, zone=document.zone),
            "moment": text.instant(document.moment, zone=document.zone),
            "link": document.link,
        },
        "facts": facts,
    }


def check(layout: Layout, kind: DocumentKind) -> None:
    """What can be known to be wrong before a report is made. Raises Invalid, naming each problem."""
    values: Values = {
        "report": dict.fromkeys(REPORT, ""),
        "facts": dict.fromkeys(FACTS[kind], ""),
        **NAMES[kind],
    }
    problems: list[FieldProblem] = []
    seen: set[str] = set()

    def try_text(own: str, field: str) -> None:
        try:
            placeholders.check(own, values, field=field)
        except Invalid as error:
            problems.extend(error.details)

    try_text(layout.title, "title")
    for place, piece in enumerate(layout.pieces):
        field = f"pieces.{place}"
        try_text(piece.title, f"{field}.title")
        if isinstance(piece, OwnText):
            try_text(piece.text, f"{field}.text")
        elif piece.key not in SECTIONS[kind]:
            known = ", ".join(SECTIONS[kind])
            problems.append(
                FieldProblem(f"{field}.key", f"There is no section {piece.key[:60]!r}. There are {known}.")
            )
        elif piece.key in seen:
            problems.append(
                FieldProblem(f"{field}.key", f"The section {piece.key!r} is there twice. Take one out.")
            )
        else:
            seen.add(piece.key)
    if problems:
        raise Invalid("The template cannot be used like this: see the details.", details=tuple(problems))


_SPRINT: Values = {"sprint": {"name": "", "goal": ""}, "board": {"name": ""}}
#: What the text of each kind can name besides the report and its figures.
NAMES: dict[DocumentKind, Values] = {
    DocumentKind.BASELINE: _SPRINT,
    DocumentKind.REVIEW: _SPRINT,
    DocumentKind.COMPARISON: {**_SPRINT, "before": {"name": ""}},
    DocumentKind.TREND: {},
}


def _sections(document: Document, layout: Layout, values: Values) -> Iterable[Section]:
    found = {section.key: section for section in document.sections}
    for number, piece in enumerate(layout.pieces, start=1):
        if isinstance(piece, Part):
            section = found.pop(piece.key, None)
            if section is None:
                continue
            title = (
                _line(piece.title, values, field=f"pieces.{number - 1}.title")
                if piece.title
                else section.title
            )
            blocks = tuple(_shown(section.blocks, frozenset(piece.hidden)))
            if blocks:
                yield replace(section, title=title, blocks=blocks)
        else:
            field = f"pieces.{number - 1}"
            own = placeholders.render(piece.text, values, field=f"{field}.text").strip()
            title = _line(piece.title, values, field=f"{field}.title")
            yield Section(f"text_{number}", title, (Paragraph(own),) if own else ())


def _shown(blocks: Iterable[Block], hidden: Collection[str]) -> Iterable[Block]:
    for block in blocks:
        if isinstance(block, Paragraph):
            if SENTENCES not in hidden:
                yield block
        elif isinstance(block, Facts):
            facts = tuple(fact for fact in block.facts if fact.key not in hidden)
            if facts and block.key not in hidden:
                yield replace(block, facts=facts)
        elif not isinstance(block, Table | Chart) or block.key not in hidden:
            yield block


def _facts(sections: Iterable[Section]) -> Iterable[Fact]:
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Facts):
                yield from block.facts


def _line(own: str, values: Values, *, field: str) -> str:
    return " ".join(placeholders.render(own, values, field=field).split())[:_LONGEST_TITLE]

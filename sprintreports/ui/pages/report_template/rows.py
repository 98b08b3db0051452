"""A layout as rows that can be moved, ticked and written in, and rows as a layout. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from sprintreports.kit.errors import Invalid
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library.templates import LONGEST_TEXT, LONGEST_TITLE
from sprintreports.reports.templates import applying
from sprintreports.reports.templates.contents import CONTENTS, Content, Shape, hidden_by, shown_of
from sprintreports.reports.templates.layout import Layout, OwnText, Part, Piece
from sprintreports.reports.templates.parts import SECTIONS
from sprintreports.ui.numbers import counted

TEXT = "text-"  # how the ids of texts begin; no section's key does
_SHAPES = {Shape.FIGURE: "", Shape.SENTENCES: "", Shape.CHART: "Chart: ", Shape.TABLE: "Table: "}


@dataclass
class Tick:
    """Something in a section that is shown or left out."""

    key: str = ""
    label: str = ""
    shown: bool = True


@dataclass
class PieceRow:
    """A section by its key, or a text of one's own. name: what it is called by itself; title: what it is to be called.

    figures, others: what is in a section, empty where there is nothing to choose; told: what of it is left out, in words.
    typed: how often the text was changed from elsewhere than its own field.
    """

    id: str = ""
    own: bool = False
    name: str = ""
    title: str = ""
    title_problem: str = ""
    text: str = ""
    problem: str = ""
    shown: bool = True
    figures: list[Tick] = field(default_factory=list)
    others: list[Tick] = field(default_factory=list)
    told: str = ""
    typed: int = 0


def rows_of(layout: Layout, kind: DocumentKind) -> list[PieceRow]:
    """The layout's parts in order, then the sections that it leaves out. No parts at all: every section as usual."""
    pieces = layout.pieces or tuple(Part(key) for key in SECTIONS[kind])
    rows: dict[str, PieceRow] = {}
    for number, piece in enumerate(pieces, start=1):
        if isinstance(piece, OwnText):
            identity = f"{TEXT}{number}"
            rows[identity] = PieceRow(identity, own=True, name="Text", title=piece.title, text=piece.text)
        elif piece.key in SECTIONS[kind]:
            rows.setdefault(piece.key, _section(piece, kind))
    left_out = (key for key in SECTIONS[kind] if key not in rows)
    return [*rows.values(), *(replace(_section(Part(key), kind), shown=False) for key in left_out)]


def layout_of(rows: Iterable[PieceRow], title: str, kind: DocumentKind) -> Layout:
    """What the rows say. Every section as usual is a layout without parts, which has those of later releases, too."""
    pieces = tuple(_piece(row, kind) for row in rows if row.shown)
    usual = tuple(Part(key) for key in SECTIONS[kind])
    return Layout(() if pieces == usual else pieces, title.strip())


def in_use(rows: Sequence[PieceRow]) -> int:
    """How many parts the template has."""
    return sum(row.shown for row in rows)


def checked(rows: Sequence[PieceRow], title: str, kind: DocumentKind) -> tuple[list[PieceRow], str]:
    """The rows with what is wrong beside each text, and what is wrong with the report's title; empty where all is well."""
    shown = [row for row in rows if row.shown]
    found: dict[str, str] = {}
    try:
        applying.check(Layout(tuple(_piece(row, kind) for row in shown), title.strip()), kind)
    except Invalid as error:
        found = {one.field: one.message for one in error.details}
    places = {row.id: f"pieces.{place}" for place, row in enumerate(shown)}
    marked = [
        replace(
            row,
            title_problem=_brief(found.get(f"{places.get(row.id)}.title", "")),
            problem=_brief(found.get(f"{places.get(row.id)}.text", "")),
        )
        for row in rows
    ]
    return marked, _brief(found.get("title", ""))


def wrong(rows: Iterable[PieceRow], title_problem: str) -> int:
    """How many texts and titles cannot be used."""
    return bool(title_problem) + sum(bool(row.title_problem) + bool(row.problem) for row in rows)


def right_alone(rows: Iterable[PieceRow]) -> list[PieceRow]:
    """The rows without what cannot be used: what a preview can show meanwhile."""
    return [
        replace(row, title="" if row.title_problem else row.title, text="" if row.problem else row.text)
        for row in rows
    ]


def moved(rows: Sequence[PieceRow], identity: str, by: int) -> list[PieceRow]:
    """One part goes past the next one that is shown, up (-1) or down (1); at the end of them it stays."""
    found = list(rows)
    at = _place(found, identity)
    if at is None or by not in (-1, 1):
        return found
    way = range(at + by, len(found) if by > 0 else -1, by)
    past = next((place for place in way if found[place].shown), None)
    if past is not None:
        found.insert(past, found.pop(at))
    return found


def place_told(rows: Sequence[PieceRow], identity: str) -> str:
    """Where a part is, for those who do not see it move."""
    shown = [row for row in rows if row.shown]
    at = _place(shown, identity)
    return "" if at is None else f"{called(shown[at])} is now number {at + 1} of {len(shown)}."


def called(row: PieceRow) -> str:
    return row.title or row.name


def put(rows: Sequence[PieceRow], identity: str, **changes: object) -> list[PieceRow]:
    """One row with changes."""
    return [replace(row, **changes) if row.id == identity else row for row in rows]


def retitled(rows: Sequence[PieceRow], identity: str, title: str) -> list[PieceRow]:
    return put(rows, identity, title=" ".join(title.split())[:LONGEST_TITLE])


def written(rows: Sequence[PieceRow], identity: str, text: str) -> list[PieceRow]:
    """A text as its field has it; one sign too many is kept, so that it is told."""
    return [
        replace(row, text=text[: LONGEST_TEXT + 1]) if row.own and row.id == identity else row for row in rows
    ]


def appended(rows: Sequence[PieceRow], identity: str, placeholder: str) -> list[PieceRow]:
    """A placeholder at the end of a text."""
    return [
        replace(row, text=_joined(row.text, placeholder)[: LONGEST_TEXT + 1], typed=row.typed + 1)
        if row.own and row.id == identity
        else row
        for row in rows
    ]


def ticked(rows: Sequence[PieceRow], identity: str, key: str, *, shown: bool) -> list[PieceRow]:
    """Something in a section is shown, or left out."""

    def of(ticks: list[Tick]) -> list[Tick]:
        return [replace(one, shown=shown) if one.key == key else one for one in ticks]

    return [
        _told(replace(row, figures=of(row.figures), others=of(row.others)))
        if row.id == identity and not row.own
        else row
        for row in rows
    ]


def with_text(rows: Sequence[PieceRow], *, first: bool) -> tuple[list[PieceRow], str]:
    """An empty text at the beginning, or behind the last part that is shown; and its id."""
    numbers = [int(row.id.removeprefix(TEXT)) for row in rows if row.own]
    # Texts of a layout are called by their places: what comes later gets a number beyond all of them.
    identity = f"{TEXT}{max([*numbers, len(rows)]) + 1}"
    at = 0 if first else max((place + 1 for place, row in enumerate(rows) if row.shown), default=0)
    return [*rows[:at], PieceRow(identity, own=True, name="Text"), *rows[at:]], identity


def without(rows: Iterable[PieceRow], identity: str) -> list[PieceRow]:
    """The rows without a text; sections are left out by their tick."""
    return [row for row in rows if not (row.own and row.id == identity)]


def _section(piece: Part, kind: DocumentKind) -> PieceRow:
    contents = CONTENTS[kind][piece.key]
    shown = shown_of(contents, piece.hidden)
    row = PieceRow(piece.key, name=SECTIONS[kind][piece.key], title=piece.title)
    if len(contents) > 1 or len(shown) < len(contents):
        row.figures = [_tick(one, shown) for one in contents if one.shape is Shape.FIGURE]
        row.others = [_tick(one, shown) for one in contents if one.shape is not Shape.FIGURE]
    return _told(row)


def _tick(content: Content, shown: frozenset[str]) -> Tick:
    return Tick(content.key, _SHAPES[content.shape] + content.label, content.key in shown)


def _told(row: PieceRow) -> PieceRow:
    ticks = [*row.figures, *row.others]
    missing = [_spoken(one.label) for one in ticks if not one.shown]
    if not ticks or not missing:
        told = "Shows all of it" if ticks else ""
    elif len(missing) == len(ticks):
        told = "Everything in it is left out"
    else:
        named = ", ".join(missing[:2])
        more = len(missing) - 2
        told = f"Without {named}" + (f" and {counted(more, 'other')}" if more > 0 else "")
    return replace(row, told=told)


def _spoken(label: str) -> str:
    """What a tick stands for, within a sentence."""
    shape, mark, name = label.partition(": ")
    return f"the {shape.lower()} “{name}”" if mark else label


def _piece(row: PieceRow, kind: DocumentKind) -> Piece:
    if row.own:
        return OwnText(row.title, row.text)
    ticks = [*row.figures, *row.others]
    contents = CONTENTS[kind][row.id]
    shown = {one.key for one in ticks if one.shown} if ticks else {one.key for one in contents}
    return Part(row.id, row.title, hidden_by(contents, shown))


def _place(rows: Sequence[PieceRow], identity: str) -> int | None:
    return next((place for place, row in enumerate(rows) if row.id == identity), None)


def _brief(sentence: str) -> str:
    """What is wrong, where it is an unknown placeholder without the list of all others: they are in the menu beside it."""
    said, _, listed = sentence.partition(". There are ")
    if not said.startswith("There is no placeholder '") or not listed:
        return sentence
    wanted = said.split("'")[1]
    near = get_close_matches(wanted, listed.removesuffix(".").split(", "), 1)
    return f"{said}. " + (f"Did you mean {near[0]}? " if near else "") + "The menu of a text has all of them."


def _joined(text: str, placeholder: str) -> str:
    return f"{text}{'' if not text or text[-1].isspace() else ' '}{placeholder}"

"""A document as one file of HTML: it opens offline, asks nobody for anything, and prints."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import copy_context
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from sprintreports.charts.words import number
from sprintreports.charts.writing import write_as
from sprintreports.kit.files.cleaning import clean
from sprintreports.reports.document.blocks import Block, Chart, Document, Fact, Kind, Table
from sprintreports.reports.document.headings import headed
from sprintreports.reports.document.text import instant, written
from sprintreports.reports.export.html_tables import table
from sprintreports.reports.export.options import USUAL, Options
from sprintreports.reports.export.plotly_script import hash_of, plotly
from sprintreports.reports.export.words import KINDS, TONES, plain, web_address

#: A document with more rows is printed plainly and without tags for screen readers, which take longer than all the rest.
MOST_TAGGED = 4_000
#: A chart with more numbers is printed without them: they are in the other files, and the page says so.
LONGEST_TWIN = 40
_PAGE = Path(__file__).parent / "page"
# Plotly makes an empty style sheet and fills it by script, which needs no more than leave for an empty one.
_EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
# Plotly's whole bundle, which stands in for the small one, brings the style of its maps; none of our charts has any.
_MAPS_STYLE = "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
_LONG_WORDS = 24
_WELCOME = {True: "good", False: "bad", None: ""}
_WELCOME_WORDS = {"good": "(an improvement)", "bad": "(a deterioration)", "": ""}


def as_html(document: Document, options: Options = USUAL, *, printed: bool = False) -> str:
    """The whole page. printed: as PDF is made of it, light and with every row open. Raises NoPlotly."""
    return copy_context().run(_written, document, options, printed=printed)


def is_long(document: Document) -> bool:
    """Whether the document has so many rows that it is printed plainly."""
    return sum(1 + len(row.children) for block in document.tables for row in block.rows) > MOST_TAGGED


def picture_page(figures: Markup) -> str:
    """A page that can draw figures (JSON as `json_in_script` writes it), and shows nothing yet. Raises NoPlotly."""
    drawing = plotly()
    return (
        _environment()
        .get_template("picture.html")
        .render(
            figures=figures,
            plotly=Markup(drawing),  # noqa: S704  # Plotly's own
            policy=policy("", drawing),
        )
    )


def json_in_script(value: object) -> Markup:
    """JSON that can stand in a script element, whatever texts are in it."""
    text = msgspec.json.encode(value).decode()
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  # nothing in it ends the element


def policy(style: str, *scripts: str) -> str:
    """The page's Content-Security-Policy: its own scripts and style sheet by their hashes, and nothing from anywhere."""
    allowed = " ".join(hash_of(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {hash_of(style)} {_EMPTY_STYLE} {_MAPS_STYLE}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _written(document: Document, options: Options, *, printed: bool) -> str:
    write_as(document.locale)
    charts = list(document.charts)
    numbers = {id(chart): place for place, chart in enumerate(charts)}
    drawing = plotly() if charts else ""
    style, behaviour = _file("style.css") + _page_style(document, options), _file("behaviour.js")
    return _environment().get_template("report.html").render(
        document=document,
        kind=KINDS[document.kind],
        link=web_address(document.link),
        printed=printed,
        longest_twin=LONGEST_TWIN,
        long=printed and is_long(document),
        table=partial(_table, zone=document.zone, printed=printed),
        number_of=partial(_number_of, numbers),
        figures=json_in_script([_figures(chart, printed=printed) for chart in charts]) if charts else "",
        style=Markup(style),  # noqa: S704  # ours, with a title in it that is escaped for style sheets
        plotly=Markup(drawing),  # noqa: S704  # Plotly's own
        behaviour=Markup(behaviour),  # noqa: S704  # ours
        policy=policy(style, *(part for part in (drawing, behaviour) if part)),
    )  # fmt: skip


def _figures(chart: Chart, *, printed: bool) -> dict[str, Any]:
    return {"light": chart.light} if printed else {"light": chart.light, "dark": chart.dark}


def _table(block: Table, place: str, *, zone: str, printed: bool) -> Markup:
    return table(block, place, zone=zone, printed=printed)


def _page_style(document: Document, options: Options) -> str:
    """Paper, and what stands at the edges of each sheet."""
    size = f"{options.paper} {'landscape' if options.landscape else 'portrait'}"
    edge = "font: 8pt sans-serif; color: #555b66"
    made = _in_style_sheet(f"Made on {instant(document.made_at, zone=document.zone)} ({document.zone})")
    return (
        f"@page {{ size: {size}; margin: 16mm 14mm 15mm; "
        f'@top-left {{ content: "{_in_style_sheet(_short(document.title))}"; {edge}; width: 70% }} '
        f'@top-right {{ content: "{_in_style_sheet(KINDS[document.kind])}"; {edge} }} '
        f'@bottom-left {{ content: "{made}"; {edge}; width: 70% }} '
        f'@bottom-right {{ content: counter(page) " / " counter(pages); {edge} }} }} '
        # The first page says it larger itself.
        "@page :first { @top-left { content: none } @top-right { content: none } }"
    )


def _short(title: str) -> str:
    """What fits above a page in one line."""
    text = plain(title)
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


def _in_style_sheet(text: str) -> str:
    """Text as a string of CSS: whatever is no letter or digit as its number."""
    return "".join(sign if sign.isalnum() and sign.isascii() else f"\\{ord(sign):06x}" for sign in text)


@cache
def _file(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    filters: Any = made.filters  # typed as the ones that come along, no two of which are alike
    filters.update(
        clean=clean,
        headed=headed,
        paragraphs=_paragraphs,
        prose=_prose,
        is_long=_is_long_text,
        figure=_figure,
        change=_change,
        welcome=_welcome,
        welcome_word=_welcome_word,
        tone_word=TONES.__getitem__,
        is_a=_is_a,
        counted=number,
        instant=_instant,
    )
    return made


@pass_context
def _instant(context: Context, at: datetime) -> str:
    return instant(at, zone=context["document"].zone)


@pass_context
def _figure(context: Context, fact: Fact) -> str:
    return clean(written(fact.value, fact.kind, zone=context["document"].zone, unit=fact.unit))


@pass_context
def _change(context: Context, fact: Fact) -> str:
    if not fact.change:
        return "unchanged"
    kind = Kind.SHARE if fact.kind is Kind.SHARE else Kind.CHANGE
    return written(fact.change, kind, zone=context["document"].zone)


def _prose(text: str) -> str:
    """A sentence whose percent signs stay with their numbers."""
    return clean(text).replace(" %", "\u00a0%")


def _is_long_text(fact: Fact) -> bool:
    """Words that want a line of their own."""
    return isinstance(fact.value, str) and len(fact.value) > _LONG_WORDS


def _paragraphs(text: str) -> list[str]:
    return [part for part in clean(text).split("\n") if part.strip()]


def _welcome(fact: Fact) -> str:
    return _WELCOME[fact.good]


def _welcome_word(fact: Fact) -> str:
    return _WELCOME_WORDS[_WELCOME[fact.good]]


def _is_a(block: Block, name: str) -> bool:
    return type(block).__name__ == name


def _number_of(numbers: Mapping[int, int], chart: Chart) -> int:
    return numbers[id(chart)]

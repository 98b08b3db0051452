"""A document's charts as pictures: PNG at twice the size of the screen, or SVG."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from markupsafe import Markup, escape

from sprintreports.charts.theme import palette
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.files.cleaning import clean
from sprintreports.reports.document.blocks import Chart, Document
from sprintreports.reports.export import browser
from sprintreports.reports.export.html import json_in_script, picture_page
from sprintreports.reports.export.options import USUAL, Format, Options

WIDTH, HEIGHT, SCALE = 960, 480, 2
_TITLE_ROOM = 64
_DRAW = "([place, form, width, height, scale]) => Plotly.toImage(window.held[place], {format: form, width, height, scale})"
_HOLD = 'window.held = JSON.parse(document.getElementById("figures").textContent)'


class NoSuchChart(Invalid):
    """This report has no chart with this key. Choose one of those that it has, or leave the key away to get all of them."""


async def pictures(
    document: Document, form: Format, options: Options = USUAL, *, seconds: float = browser.LONGEST_SECONDS
) -> list[bytes]:
    """The chart named in the options, or all of them in reading order. form: PNG or SVG.

    Raises NoSuchChart, NoBrowser, BrowserFailed, PrintingTookTooLong.
    """
    return await drawn(chosen(document, options), form, dark=options.dark, seconds=seconds)


def chosen(document: Document, options: Options) -> list[Chart]:
    """The charts that a file is to show. Raises NoSuchChart."""
    charts = [chart for chart in document.charts if options.part in ("", chart.key)]
    if not charts:
        raise NoSuchChart(details=(FieldProblem("part", " ".join((NoSuchChart.__doc__ or "").split())),))
    return charts


async def drawn(
    charts: Sequence[Chart], form: Format, *, dark: bool = False, seconds: float = browser.LONGEST_SECONDS
) -> list[bytes]:
    """A picture of each chart with its title on a filled ground. Raises NoBrowser, BrowserFailed, PrintingTookTooLong."""
    page = await asyncio.to_thread(
        picture_page, json_in_script([_figure(chart, dark=dark) for chart in charts])
    )
    scale = SCALE if form is Format.PNG else 1
    async with browser.sheet(page, width=WIDTH, height=HEIGHT, seconds=seconds) as sheet:
        await sheet.told(f"() => {{ {_HOLD} }}")
        made = [await sheet.told(_DRAW, [place, form, WIDTH, HEIGHT, scale]) for place in range(len(charts))]
    return [_bytes(one) for one in made]


def _figure(chart: Chart, *, dark: bool) -> dict[str, Any]:
    figure, ground = chart.dark if dark else chart.light, palette(dark=dark).background
    layout = figure.get("layout", {})
    margin = {**layout.get("margin", {}), "t": _TITLE_ROOM}
    # Plotly reads a little markup in texts: a title is none.
    words: Markup = escape(clean(chart.title))
    title = {"text": str(words), "x": 0.02, "xanchor": "left", "font": {"size": 16}}
    more = {"paper_bgcolor": ground, "plot_bgcolor": ground, "title": title, "margin": margin}
    return {"data": figure.get("data", []), "layout": {**layout, **more}}


def _bytes(address: str) -> bytes:
    """What a data address holds."""
    head, _, body = address.partition(",")
    return b64decode(body) if head.endswith(";base64") else unquote_to_bytes(body)

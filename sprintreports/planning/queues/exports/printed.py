"""A version of a queue as one page of HTML to print: a table for each team, one stakeholder a round, the cut-line, the legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice

from sprintreports.kit.files.cleaning import clean
from sprintreports.planning.queue.reasons import amount
from sprintreports.planning.queue.results import Fairness, Queue, Side, TeamQueue
from sprintreports.planning.queues.exports import words
from sprintreports.planning.queues.exports.about import About
from sprintreports.planning.queues.exports.lines import Line, Names, lines_of
from sprintreports.planning.queues.exports.printed_style import STYLE

_NUMBERS = frozenset({"Position", "In the sprint", "Round"})
_HEADINGS = ("Position", "In the sprint", "Round", "Issue", "Stakeholder", "Assignee")
_MORE = ("Priority", "Type", "Scheduling", "Expected")


def as_html(queue: Queue, names: Names, about: About) -> str:
    """The whole page, escaped, with nothing in it that runs or is fetched."""
    lines = lines_of(queue, names)
    total = sum(len(team.placements) for team in queue.teams)
    teams = "".join(
        _team(team, list(islice(lines, len(team.placements))), about, at=at, total=total)
        for at, team in enumerate(queue.teams, start=1)
    )
    title = _text(about.title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}, version {about.number}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{title}</h1>{_heading(queue, about)}{_legend()}{teams}{_conflicts(queue)}</main></body></html>\n"
    )


def _heading(queue: Queue, about: About) -> str:
    sides = Counter(placement.side for team in queue.teams for placement in team.placements)
    kept = f"Version {about.number}, kept at {about.told(about.made)} ({about.zone.key})"
    by = f" by {about.author}" if about.author else ""
    note = f"<p>{_text(about.note)}</p>" if about.note else ""
    figures = [
        ("Algorithm", words.algorithm(queue.options.algorithm)),
        *((words.SIDES[side], f"{sides[side]:,}") for side in Side),
        *_fairness(queue.fairness),
        ("Conflicts", f"{len(queue.conflicts):,}"),
    ]
    told = '<p class="screen soft">Print this page from the menu of your browser; A4 across fits best.</p>'
    return f"<p>{_text(kept + by)}.</p>{note}{_figures(figures)}{told}"


def _legend() -> str:
    entries = "".join(
        f"<div><dt>{words.SCHEDULING[kind]}</dt><dd>{meaning}</dd></div>"
        for kind, meaning in words.LEGEND.items()
    )
    return f'<h2>Scheduling</h2><dl class="legend">{entries}</dl>'


def _team(team: TeamQueue, lines: list[Line], about: About, *, at: int, total: int) -> str:
    unit = words.UNITS[team.unit]
    figures = [
        ("Issues", f"{len(lines):,}"),
        ("Stakeholders", f"{team.stakeholders:,}"),
        ("Planned", amount(team.load, team.unit)),
        ("Capacity", amount(team.capacity, team.unit)),
        *_fairness(team.fairness),
        ("Share of all issues", f"{len(lines) / total:.0%}" if total else "0%"),
    ]
    name = _text(team.name)
    head = f'<h2 id="team-{at}">{name}</h2>{_figures(figures)}'
    if not lines:
        return f'<section>{head}<p class="soft">This team has no issues in this plan.</p></section>'
    headings = "".join(
        f'<th scope="col"{_right(numeric=heading in _NUMBERS or heading == unit)}>{heading}</th>'
        for heading in (*_HEADINGS, unit, *_MORE)
    )
    rows = "".join(_rows(team, lines, about, columns=len(_HEADINGS) + 1 + len(_MORE)))
    table = f"<table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<section>{head}<div class="wide" tabindex="0" role="region" aria-labelledby="team-{at}">{table}</div></section>'


def _rows(team: TeamQueue, lines: list[Line], about: About, *, columns: int) -> Iterator[str]:
    """Each round begins with a stronger line; the cut-line is a row of its own."""
    before, drawn = None, False
    for line in lines:
        if line.side is not Side.IN and not drawn:
            drawn = True
            yield f'<tr class="cut"><td colspan="{columns}">Cut-line: {_text(amount(team.capacity, team.unit))}</td></tr>'
        looks = (
            "out"
            if line.side is not Side.IN
            else "turn"
            if line.round != before and before is not None
            else ""
        )
        before = line.round
        yield _row(line, about, looks)


def _row(line: Line, about: About, looks: str) -> str:
    numbers = "".join(
        _cell(f"{one}" if one else "", right=True) for one in (line.position, line.place, line.round)
    )
    named = "".join(_cell(one) for one in (line.stakeholder, line.assignee))
    more = "".join(_cell(one) for one in (line.priority, line.type, words.SCHEDULING[line.scheduling]))
    issue = f'<td class="issue">{_key(line)} {_text(line.summary)}<small>{_text(line.why)}</small></td>'
    load = _cell(f"{line.load:,.3f}".rstrip("0").rstrip("."), right=True)
    return f"<tr{_class(looks)}>{numbers}{issue}{named}{load}{more}<td>{_expected(line, about)}</td></tr>"


def _key(line: Line) -> str:
    """Only what leads to a page is a link."""
    key = _text(line.key)
    if not line.url.startswith(("https://", "http://")):
        return f'<span class="key">{key}</span>'
    return f'<a class="key" href="{_text(line.url)}" rel="noreferrer">{key}</a>'


def _expected(line: Line, about: About) -> str:
    if line.start is None or line.finish is None:
        return ""
    start, finish = about.told(line.start), about.told(line.finish)
    return f'<span class="key">{start} to</span> <span class="key">{finish}</span>'


def _conflicts(queue: Queue) -> str:
    if not queue.conflicts:
        return ""
    entries = "".join(
        f'<li><span class="kind">{words.SEVERITIES[one.severity]}:</span> {_text(one.words)}</li>'
        for one in queue.conflicts
    )
    return f'<section><h2>Conflicts</h2><ul class="conflicts">{entries}</ul></section>'


def _fairness(fairness: Fairness) -> Iterator[tuple[str, str]]:
    index = "nothing was dealt" if fairness.index is None else f"{fairness.index:.0f} of 100"
    yield "Fairness", index
    yield "Longest wait", f"{fairness.wait:,} {'round' if fairness.wait == 1 else 'rounds'}"


def _figures(entries: Iterable[tuple[str, str]]) -> str:
    told = "".join(f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in entries)
    return f'<dl class="figures">{told}</dl>'


def _cell(text: str, *, right: bool = False) -> str:
    return f"<td{_right(numeric=right)}>{_text(text)}</td>"


def _right(*, numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _class(looks: str) -> str:
    return f' class="{looks}"' if looks else ""


def _text(text: str) -> str:
    return escape(clean(text))

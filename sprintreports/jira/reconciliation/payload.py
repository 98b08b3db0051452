"""Jira's own sprint report, as its undocumented endpoint sends it or as somebody saved it from a browser.

Tolerant of what is missing (older servers leave much out), strict about what it is: anything but a sprint report is refused.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.jira_lines import Aspect, JiraLine, JiraReport
from sprintreports.metrics.values import Bucket, Unit

_LARGEST = 10.0**12
_TIME_FIELDS = ("timeoriginalestimate", "timeestimate")
# Where a bucket's issues and sums are; older servers call what was not completed "incompleted".
_LISTS: tuple[tuple[Bucket, str, str], ...] = (
    (Bucket.COMPLETED, "completedIssues", "completedIssues"),
    (Bucket.NOT_COMPLETED, "issuesNotCompletedInCurrentSprint", "issuesNotCompleted"),
    (Bucket.NOT_COMPLETED, "incompletedIssues", "incompletedIssues"),
    (Bucket.OUTSIDE, "issuesCompletedInAnotherSprint", "issuesCompletedInAnotherSprint"),
    (Bucket.REMOVED, "puntedIssues", "puntedIssues"),
)
_SUMS = ((Aspect.INITIAL, "InitialEstimateSum"), (Aspect.FINAL, "EstimateSum"))


class NotASprintReport(Invalid):
    """This is not a sprint report of Jira."""

    def __init__(self, problem: str) -> None:
        sentence = (
            f"{problem} Upload the JSON that Jira's address "
            "/rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=…&sprintId=… shows in a browser, as it is."
        )
        super().__init__("This is not a sprint report of Jira.", details=(FieldProblem("body", sentence),))


class _Value(msgspec.Struct):
    """A number that may be missing; {"text": "null"} is none."""

    value: float | None = None


class _Statistic(msgspec.Struct, rename="camel"):
    stat_field_id: str | None = None
    stat_field_value: _Value | None = None


class _Row(msgspec.Struct, rename="camel"):
    key: str
    id: int | str | None = None
    hidden: bool = False
    estimate_statistic: _Statistic | None = None
    current_estimate_statistic: _Statistic | None = None


class _Sprint(msgspec.Struct, rename="camel"):
    id: int
    state: str | None = None
    iso_start_date: str | None = None
    iso_activated_date: str | None = None
    iso_complete_date: str | None = None


class _Payload(msgspec.Struct):
    contents: dict[str, Any]
    sprint: _Sprint


def decode(body: bytes) -> JiraReport:
    """The report in these bytes. Raises NotASprintReport, which says what is wrong with it."""
    try:
        found = msgspec.json.decode(body, type=_Payload)
    except msgspec.ValidationError as error:
        raise NotASprintReport(f"It has another shape ({error}).") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotASprintReport(f"It is not complete JSON ({error}).") from error
    contents = found.contents
    if not any(name in contents for _, name, _ in _LISTS):
        raise NotASprintReport("It lists no issues, neither completed nor others.")
    if (found.sprint.state or "CLOSED").upper() != "CLOSED":
        raise NotASprintReport("It was made before the sprint was closed, when nothing in it was final yet.")
    rows = [(bucket, row) for bucket, name, _ in _LISTS for row in _rows(contents, name)]
    field = _field(row for _, row in rows)
    unit = _unit(field)
    lines, repeated = _lines(rows, added=_keys(contents.get("issueKeysAddedDuringSprint")), unit=unit)
    return JiraReport(
        sprint=found.sprint.id,
        lines=lines,
        said=_said(contents, unit),
        unit=unit,
        field=field,
        started=_instant(found.sprint.iso_activated_date) or _instant(found.sprint.iso_start_date),
        closed=_instant(found.sprint.iso_complete_date),
        repeated=repeated,
    )


def _rows(contents: dict[str, Any], name: str) -> list[_Row]:
    try:
        return msgspec.convert(contents.get(name) or [], list[_Row])
    except msgspec.ValidationError as error:
        raise NotASprintReport(f"Its list {name} has another shape ({error}).") from error


def _lines(
    rows: Iterable[tuple[Bucket, _Row]], *, added: frozenset[str], unit: Unit
) -> tuple[tuple[JiraLine, ...], tuple[str, ...]]:
    """Each issue once, in the first bucket that lists it, and the keys that come more than once."""
    lines: dict[str, JiraLine] = {}
    repeated: dict[str, None] = {}
    for bucket, row in rows:
        if row.key in lines:
            repeated[row.key] = None
            continue
        lines[row.key] = JiraLine(
            issue=_id(row),
            key=row.key,
            bucket=bucket,
            added=row.key in added,
            initial=_estimate(row.estimate_statistic, unit),
            final=_estimate(row.current_estimate_statistic, unit),
            hidden=row.hidden,
        )
    return tuple(lines.values()), tuple(repeated)


def _id(row: _Row) -> int | None:
    if isinstance(row.id, int):
        return row.id
    return int(row.id) if row.id and row.id.isascii() and row.id.isdigit() and len(row.id) < 19 else None


def _keys(added: Any) -> frozenset[str]:
    """A dictionary from key to true, and a plain list on some servers."""
    try:
        return frozenset(msgspec.convert(added or [], list[str]))
    except msgspec.ValidationError:
        pass
    try:
        return frozenset(key for key, value in msgspec.convert(added, dict[str, Any]).items() if value)
    except msgspec.ValidationError as error:
        raise NotASprintReport(f"Its issueKeysAddedDuringSprint has another shape ({error}).") from error


def _field(rows: Iterable[_Row]) -> str | None:
    """What the estimates are of: "customfield_10016", "timeoriginalestimate"; "issueCount" for a board that counts issues."""
    for row in rows:
        for statistic in (row.estimate_statistic, row.current_estimate_statistic):
            if statistic is not None and statistic.stat_field_id:
                return statistic.stat_field_id.removeprefix("field_").rstrip("_")
    return None


def _unit(field: str | None) -> Unit:
    if field is None or field == "issueCount":
        return Unit.COUNT
    return Unit.HOURS if field in _TIME_FIELDS else Unit.POINTS


def _estimate(statistic: _Statistic | None, unit: Unit) -> int | None:
    if unit is Unit.COUNT or statistic is None or statistic.stat_field_value is None:
        return None
    return _whole(statistic.stat_field_value.value, unit)


def _whole(value: float | None, unit: Unit) -> int | None:
    """In thousandths of a point, or seconds."""
    if value is None:
        return None
    if not abs(value) <= _LARGEST:
        raise NotASprintReport(f"An estimate of {value} cannot be true.")
    return round(value if unit is Unit.HOURS else value * 1000)


def _said(contents: dict[str, Any], unit: Unit) -> dict[tuple[Bucket, Aspect], int | None]:
    """The sums that are printed. `allIssuesEstimateSum` is left alone: it has been seen to be wrong."""
    if unit is Unit.COUNT:
        return {}
    found: dict[tuple[Bucket, Aspect], int | None] = {}
    for bucket, _, name in _LISTS:
        for aspect, suffix in _SUMS:
            if name + suffix in contents:
                try:
                    value = msgspec.convert(contents[name + suffix], _Value | None)
                except msgspec.ValidationError as error:
                    raise NotASprintReport(f"Its sum {name}{suffix} has another shape ({error}).") from error
                found[bucket, aspect] = None if value is None else _whole(value.value, unit)
    return found


def _instant(text: str | None) -> datetime | None:
    """An ISO date with its offset; "None", as Jira writes what is missing, and dates in somebody's own zone are none."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None

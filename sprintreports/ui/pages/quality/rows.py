"""From a board's data quality to what the page shows: pure."""

from dataclasses import dataclass

from sprintreports.jira.quality.check import Subject, Weight
from sprintreports.jira.reads.quality import CheckLine, Finding, Findings, Quality
from sprintreports.ui.links import address
from sprintreports.ui.numbers import UNKNOWN, counted, whole

PATH = "/quality"
# How far findings move the numbers, in words; the tone is never all that says it.
EFFECTS = {
    Weight.TOTALS: ("Changes totals", "warn"),
    Weight.DOUBT: ("May mislead", "info"),
    Weight.DETAIL: ("Details only", ""),
}
NOUNS = {Subject.ISSUE: "issue", Subject.SPRINT: "sprint"}


@dataclass
class CheckRow:
    """One check that found something, as text."""

    title: str = ""
    count: str = ""
    effect: str = ""
    tone: str = ""
    touches: str = ""
    why: str = ""
    advice: str = ""
    link: str = ""
    show: str = ""


@dataclass
class QuietRow:
    """A check that found nothing, or that says nothing on this board, and why."""

    title: str
    note: str


@dataclass
class FindingRow:
    """One issue or sprint, as text."""

    name: str
    url: str
    summary: str
    sprint: str
    sprint_link: str
    team: str
    detail: str


def check_rows(found: Quality, parameters: dict[str, str]) -> list[CheckRow]:
    """What was found, worst first, each with the way to its issues."""
    return [check_row(line, parameters) for line in found.found]


def check_row(line: CheckLine, parameters: dict[str, str]) -> CheckRow:
    check, noun = line.check, NOUNS[line.check.subject]
    effect, tone = EFFECTS[check.weight]
    return CheckRow(
        title=check.title,
        count=counted(line.count, noun),
        effect=effect,
        tone=tone,
        touches=check.touches,
        why=check.why,
        advice=check.advice,
        link=address(PATH, parameters, check=check.name.value, page=None),
        show=f"Show {counted(line.count, noun)}",
    )


def quiet_rows(found: Quality) -> list[QuietRow]:
    """What is fine, then what has nothing to say here."""
    return [
        *(QuietRow(line.check.title, "") for line in found.fine),
        *(QuietRow(line.check.title, line.pointless) for line in found.pointless),
    ]


def quiet_title(found: Quality) -> str:
    """What stands over the checks that found nothing."""
    fine, pointless = len(found.fine), len(found.pointless)
    said = f"{counted(fine, 'check')} found nothing"
    return f"{said}, {pointless} {_are(pointless)} not asked on this board" if pointless else said


def reading(found: Quality) -> str:
    """What the numbers rest on, and how much of it is doubtful, in a sentence."""
    where = _where(found)
    rest = f"The numbers of {where} rest on {counted(found.issues, 'issue')}"
    left = f"; {whole(found.left_out)} more {_are(found.left_out)} left out" if found.left_out else ""
    asked = len(found.found) + len(found.fine)
    doubts = f"{len(found.found)} of {asked} checks found something." if found.found else ""
    return f"{rest}{left}. {doubts}".strip()


def praise(found: Quality) -> str:
    """What to say when there is nothing to say."""
    if not found.issues:
        return f"{_where(found)} held no issues yet, so there is nothing to doubt."
    return (
        f"{counted(len(found.fine), 'check')} looked at {counted(found.issues, 'issue')} of {_where(found)} "
        "and found nothing. Thank the people who keep Jira tidy: these numbers can be believed."
    )


def notes(found: Quality) -> list[str]:
    """What stands between the page and the truth."""
    said = [f"This board cannot be read at the moment: {found.problem}"] if found.problem else []
    if found.waiting:
        said.append(f"The numbers of {counted(found.waiting, 'sprint')} are still being computed.")
    return said


def finding_row(row: Finding, *, board: str) -> FindingRow:
    return FindingRow(
        name=row.name,
        url=row.url,
        summary=row.summary,
        sprint=row.sprint_name,
        sprint_link=address("/sprint", board=board, sprint=row.sprint_id),
        team=row.team or UNKNOWN,
        detail=row.detail,
    )


def nothing_found(found: Findings) -> str:
    """Why a check's list is empty."""
    return found.line.pointless or "Nothing here any more. It was corrected, or you look at other sprints."


def _where(found: Quality) -> str:
    if len(found.sprints) == 1:
        return found.sprints[0]
    return f"{len(found.sprints)} sprints"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"

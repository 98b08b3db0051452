"""From a sprint's queues to the lines of the ledger: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sprintreports.jira.reads.choices import SprintChoice
from sprintreports.metrics.values import SprintState
from sprintreports.planning.queues.deleting import DELETABLE
from sprintreports.planning.queues.states import QueueState
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.versions import Version
from sprintreports.ui.dates import instant
from sprintreports.ui.links import address
from sprintreports.ui.numbers import UNKNOWN, counted, whole
from sprintreports.ui.planning import plans
from sprintreports.ui.planning.plans import LEDGER

_OPEN = (SprintState.ACTIVE, SprintState.FUTURE)


@dataclass
class QueueLine:
    """A queue of the ledger as text. ahead: what its last version does not have yet."""

    id: str = ""
    name: str = ""
    link: str = ""
    state: str = ""
    tone: str = ""
    author: str = ""
    changed: str = ""
    versions: str = ""
    ahead: str = ""
    algorithm: str = ""
    inside: str = ""
    below: str = ""
    aside: str = ""
    conflicts: str = ""
    fairness: str = ""
    deletable: bool = False


@dataclass
class SprintLink:
    """A sprint that can be planned, to go to."""

    name: str = ""
    link: str = ""
    chosen: bool = False


def lines(
    queues: Sequence[QueueInfo],
    latest: Mapping[int, Version],
    people: Mapping[int, str],
    zone: ZoneInfo,
) -> list[QueueLine]:
    return [_line(info, latest.get(info.id), people, zone) for info in queues]


def reading(queues: Sequence[QueueInfo]) -> str:
    """What there is, in a sentence."""
    if not queues:
        return ""
    active = next((one.name for one in queues if one.state is QueueState.ACTIVE), "")
    drafts = sum(one.state is QueueState.DRAFT for one in queues)
    said = [f"“{active}” is the plan of this sprint" if active else "No queue is the plan of this sprint yet"]
    if drafts:
        said.append(counted(drafts, "draft"))
    return ", ".join(said) + "."


def sprint_links(
    sprints: Sequence[SprintChoice], *, board_id: int | None, chosen: int | None
) -> list[SprintLink]:
    """The active and future ones, which are planned."""
    return [
        SprintLink(
            f"{one.name} · {one.state}", address(LEDGER, board=board_id, sprint=one.id), one.id == chosen
        )
        for one in sprints
        if one.state in _OPEN
    ]


def _line(info: QueueInfo, last: Version | None, people: Mapping[int, str], zone: ZoneInfo) -> QueueLine:
    label, tone = plans.STATES[info.state]
    figures = last.summary if last else None
    return QueueLine(
        id=str(info.id),
        name=info.name,
        link=plans.planner(info.id),
        state=label,
        tone=tone,
        author=people.get(info.created_by, UNKNOWN),
        changed=instant(info.updated_at, zone),
        versions=counted(info.versions, "version") if info.versions else "none kept",
        ahead=_ahead(info, last),
        algorithm=plans.algorithm_name(figures.algorithm if figures else info.base.algorithm),
        inside=whole(figures.inside) if figures else UNKNOWN,
        below=whole(figures.below) if figures else UNKNOWN,
        aside=whole(figures.aside) if figures else UNKNOWN,
        conflicts=plans.conflicts_text(figures) if figures else UNKNOWN,
        fairness=plans.fairness_text(figures.fairness) if figures else UNKNOWN,
        deletable=info.state in DELETABLE,
    )


def _ahead(info: QueueInfo, last: Version | None) -> str:
    """How many steps the draft is further than what was kept."""
    steps = info.head - (last.head if last else 0)
    if not steps or not info.editable:
        return ""
    since = f"since version {last.number}" if last else "so far"
    return f"{counted(steps, 'edit')} {since}"

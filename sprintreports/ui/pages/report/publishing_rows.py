"""What the panel that publishes takes from its form, and shows of a dry run and of a delivery."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sprintreports.reports.publishing.previewing import DryRun
from sprintreports.reports.publishing.values import Delivery, FileFormat, Service, Target
from sprintreports.ui.numbers import counted
from sprintreports.ui.planning.entering import word
from sprintreports.ui.reporting import sending

_CONTENT = 20_000  # characters
_PICTURE = re.compile(r"chart-[\w-]+\.png")
_CLASH = "Send it, and choose under Deliveries what becomes of the page that is there."


@dataclass
class Plan:
    """What would be done, as text. content: the body as the service gets it."""

    title: str = ""
    sentence: str = ""
    place: str = ""
    files: str = ""
    warning: str = ""
    content: str = ""


@dataclass
class Sent:
    """What became of it."""

    title: str = ""
    state: str = ""
    tone: str = ""
    sentence: str = ""
    link: str = ""
    url: str = ""
    live: bool = False


def target_of(form: dict[str, Any], kind: Service) -> Target:
    """Where to, as the form has it; the fields of other services are left out."""
    files = tuple(one for one in FileFormat if f"file-{one.value}" in form)
    match kind:
        case Service.CONFLUENCE:
            return Target(space=word(form, "space"), parent=word(form, "parent"), files=files)
        case Service.SLACK:
            return Target(channel=word(form, "channel"))
        case Service.TEAMS:
            return Target()
        case Service.EMAIL:
            named = word(form, "to").replace(",", "\n").replace(";", "\n").splitlines()
            return Target(to=tuple(one.strip() for one in named if one.strip()), files=files)


def plan(found: DryRun, target: Target) -> Plan:
    content = found.content
    if len(content) > _CONTENT:
        content = f"{content[:_CONTENT]}\n… and {len(content) - _CONTENT} more characters"
    return Plan(
        found.title,
        found.sentence,
        sending.place(target),
        _enclosed(found.files),
        _CLASH if found.choices else "",
        content,
    )


def _enclosed(names: Sequence[str]) -> str:
    """Files by their names; the charts' pictures, which stand in the text, by how many they are."""
    pictures = sum(1 for name in names if _PICTURE.fullmatch(name))
    files = [name for name in names if not _PICTURE.fullmatch(name)]
    return ", ".join(
        [*files, *([counted(pictures, "picture of a chart", "pictures of charts")] if pictures else [])]
    )


def sent(found: Delivery, zone: ZoneInfo) -> Sent:
    label, tone = sending.STATES[found.state]
    told = " ".join(part for part in (found.sentence, sending.next_try(found, zone)) if part)
    return Sent(
        found.title,
        label,
        tone,
        told,
        sending.where(found),
        sending.reachable(found.url),
        sending.under_way(found),
    )

"""The versions of a template as text: looked at one by one, and an older one taken back as the newest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sprintreports.reports.library.templates import TemplateInfo, TemplateVersion
from sprintreports.reports.templates.layout import OwnText
from sprintreports.ui.dates import instant
from sprintreports.ui.links import address
from sprintreports.ui.numbers import counted
from sprintreports.ui.reporting.states import TEMPLATE


@dataclass
class VersionLine:
    """A version as text. looked: it is the one on the page; newest: reports get it from now on."""

    number: str = ""
    told: str = ""
    note: str = ""
    author: str = ""
    kept: str = ""
    link: str = ""
    looked: bool = False
    newest: bool = False


def lines(
    versions: Sequence[TemplateVersion],
    info: TemplateInfo,
    people: Mapping[int, str],
    zone: ZoneInfo,
    *,
    looked: int,
) -> list[VersionLine]:
    return [
        VersionLine(
            str(one.number),
            _told(one),
            one.note,
            people[one.created_by],
            instant(one.created_at, zone),
            address(TEMPLATE, id=info.id, version=None if one.number == info.versions else one.number),
            one.number == looked,
            one.number == info.versions,
        )
        for one in versions
    ]


def _told(version: TemplateVersion) -> str:
    """How large it is, so that versions are told from each other without a note."""
    if not version.layout.pieces:
        return "Every section in the usual order"
    texts = sum(isinstance(piece, OwnText) for piece in version.layout.pieces)
    sections = counted(len(version.layout.pieces) - texts, "section")
    return f"{sections} and {counted(texts, 'text')}" if texts else sections

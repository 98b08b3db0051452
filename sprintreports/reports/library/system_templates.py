"""Templates that come with the product: data, not rows, so that an update of the product improves them for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from sprintreports.kit.errors import NotFound
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.templates import system
from sprintreports.reports.templates.layout import Layout


@dataclass(frozen=True, slots=True)
class SystemTemplate:
    """key: by which it is asked for. description: what it is good for, in a sentence."""

    key: str
    kind: DocumentKind
    name: str
    description: str
    layout: Layout


ALL: tuple[SystemTemplate, ...] = (
    SystemTemplate(
        "baseline-full", DocumentKind.BASELINE, "Everything", "Every section, in the usual order.", Layout()
    ),
    SystemTemplate(
        "comparison-full",
        DocumentKind.COMPARISON,
        "Everything",
        "Every section, in the usual order.",
        Layout(),
    ),
    SystemTemplate(
        "trend-full", DocumentKind.TREND, "Everything", "Every section, in the usual order.", Layout()
    ),
    SystemTemplate(
        "review-full", DocumentKind.REVIEW, "Everything", "Every section, in the usual order.", Layout()
    ),
    *(SystemTemplate(one.key, one.kind, one.name, one.description, one.layout) for one in system.LAYOUTS),
)
_BY_KEY = {one.key: one for one in ALL}


def of_kind(kind: DocumentKind) -> tuple[SystemTemplate, ...]:
    return tuple(one for one in ALL if one.kind is kind)


def one(key: str) -> SystemTemplate:
    """Raises NotFound."""
    found = _BY_KEY.get(key)
    if found is None:
        raise NotFound("There is no such template. Choose one from the list of templates.")
    return found

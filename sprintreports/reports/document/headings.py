"""What stands over a block, and what the rows behind a row are called: said once, so that all renderers say the same."""

from __future__ import annotations

from collections.abc import Iterator

from sprintreports.charts.words import number
from sprintreports.reports.document.blocks import Block, Chart, Section, Table

#: Ways to draw something that the picture itself shows.
_WAYS = ("before and after", "side by side")


def headed(section: Section) -> Iterator[tuple[Block, str]]:
    """The section's blocks with the titles to write over them.

    A title is empty where the block has none, and where the section's heading has just said it: the first chart or table under
    "Teams" is not called "Teams" again, nor "Teams before and after". It keeps its title where it stands alone: as a picture, a
    sheet, an image's description.
    """
    first = True
    for block in section.blocks:
        if not isinstance(block, Chart | Table):
            yield block, ""
            continue
        yield block, "" if first and _said(section.title, block.title) else block.title
        first = False


def behind(table: Table, count: int) -> str:
    """How many rows are behind a row, by the name of their first column: "1 issue", "3 fields"."""
    name = table.child_columns[0].label.lower() if table.child_columns else "row"
    return f"{number(count)} {name if count == 1 else f'{name}s'}"


def _said(heading: str, title: str) -> bool:
    """Whether who has read the heading learns nothing from the title."""
    old, new = (" ".join(text.casefold().split()) for text in (heading, title))
    return new in (old, *(f"{old} {way}" for way in _WAYS))

"""The audit log as a file: CSV that no spreadsheet takes for formulas, or JSON lines' plain list."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.audit.actions import Action
from sprintreports.identity.audit.listing import Entries, Filters, Row, page
from sprintreports.identity.audit.record import record
from sprintreports.identity.viewer import Viewer

MOST = 10_000  # entries of one file; the next one begins where it ended
COLUMNS = (
    "id", "at", "action", "outcome", "actor_id", "actor", "subject_kind", "subject_id", "before", "after", "address",
    "request_id",
)  # fmt: skip
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


async def export(
    session: AsyncSession, viewer: Viewer, filters: Filters, *, before: str | None, form: Format
) -> tuple[bytes, str | None]:
    """The file, and where the next one begins (None: this was all). That it was taken is an entry too."""
    found: Entries = await page(session, viewer, filters, before=before, per_page=MOST)
    asked = {name: str(value) for name, value in asdict(filters).items() if value is not None}
    await record(
        session, viewer, Action.EXPORTED, subject=("audit", ""),
        after={"format": form.value, "entries": len(found.rows), "filters": asked},
    )  # fmt: skip
    return (as_csv if form is Format.CSV else as_json)(found.rows), found.next


def as_csv(rows: Sequence[Row]) -> bytes:
    """With a byte order mark, so that spreadsheets read UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _values(row).values()] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_json(rows: Sequence[Row]) -> bytes:
    return json.dumps([_values(row) for row in rows], ensure_ascii=False).encode()


def _values(row: Row) -> dict[str, object]:
    return {**{name: getattr(row, name) for name in COLUMNS}, "at": row.at.isoformat()}


def _cell(value: object) -> str:
    """A cell that begins like a formula begins with an apostrophe instead."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text if text.startswith(_FORMULAS) else text

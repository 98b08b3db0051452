"""Reports and templates that were deleted leave for good after 30 days: until then, whoever runs the database can take them back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

KEPT = timedelta(days=30)

# A report's links go with it.
_REPORTS = text("DELETE FROM report WHERE deleted_at < :before")
# A report keeps the version that it is laid out by, also of a template that was deleted.
_TEMPLATES = text("""
DELETE FROM report_template t WHERE t.deleted_at < :before AND NOT EXISTS (SELECT FROM report r WHERE r.template_id = t.id)
""")


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete for good what was deleted over 30 days ago."""
    await session.execute(_REPORTS, {"before": now - KEPT})
    await session.execute(_TEMPLATES, {"before": now - KEPT})

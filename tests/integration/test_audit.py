"""What is done is written down, in the transaction that did it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.viewer import Viewer


async def test_an_entry_says_who_what_before_after_and_from_where(db_session: AsyncSession):
    audit.came_from("192.0.2.7")
    await audit.record(
        db_session,
        Viewer.system(),
        audit.Action.ROLE_CHANGED,
        subject=("user", 12),
        before={"role": "viewer"},
        after={"role": "admin"},
    )
    row = (await db_session.execute(text("SELECT * FROM audit_entry"))).mappings().one()
    assert row["action"] == "user.role_changed"
    assert (row["actor_id"], row["subject_kind"], row["subject_id"]) == (0, "user", "12")
    assert (row["before"], row["after"]) == ({"role": "viewer"}, {"role": "admin"})
    assert (row["outcome"], row["address"]) == ("done", "192.0.2.7")

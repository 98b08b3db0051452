"""What we keep of a comparison with Jira's own sprint report: the report as it came, and the short of the outcome."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from sprintreports.jira.tables import Row


class SprintReconciliation(Row, table=True):
    """Jira's report of a sprint on a board, compressed, where it came from, and how the two compared when last looked at.

    unreadable: ids that Jira did not give to our account when it was asked (None: it was not asked). problem: why Jira's
    report could not be had. facts: names the state of our figures that `equal`, `issues` and `differing` speak of.
    """

    __tablename__ = "sprint_reconciliation"
    site_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("site.id", ondelete="CASCADE"), primary_key=True, nullable=False
        )
    )
    jira_board_id: int = Field(
        sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    jira_sprint_id: int = Field(
        sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    source: str | None = None
    received_at: datetime | None = None
    received_by: int | None = Field(default=None, sa_type=BigInteger)
    body: bytes | None = None
    unreadable: list[int] | None = Field(default=None, sa_column=Column(ARRAY(BigInteger)))
    problem: str | None = Field(default=None, sa_type=Text)
    problem_at: datetime | None = None
    facts: str | None = None
    equal: bool | None = None
    issues: int | None = None
    differing: int | None = None

"""Every column in which sealed secrets are stored, those of the layers below included: what a new key seals anew."""

from sprintreports.identity.key_check import bound_to
from sprintreports.jira import sealed
from sprintreports.kit.sealed import SealedColumn

COLUMNS: tuple[SealedColumn, ...] = (
    *sealed.COLUMNS,
    SealedColumn("connection", "secret", bound_to("connection")),
)

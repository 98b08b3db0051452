"""What may be asked besides public addresses, as REST shows it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sprintreports.identity.outgoing import MOST, Policy


class OutgoingOut(BaseModel):
    """`by_operator`: allowed in the server's environment, and not changed here."""

    allowed: list[str] = Field(examples=[["jira.corp.example", "10.20.0.0/16", "10.0.0.7:8080"]])
    by_operator: list[str]

    @classmethod
    def of(cls, policy: Policy) -> "OutgoingOut":
        return cls(allowed=list(policy.allowed), by_operator=list(policy.by_operator))


class OutgoingIn(BaseModel):
    """Host names (`*.` before one: all below it), addresses and networks, each perhaps with a port."""

    model_config = ConfigDict(extra="forbid")

    allowed: list[Annotated[str, Field(max_length=300)]] = Field(
        max_length=MOST, examples=[["jira.corp.example", "10.20.0.0/16"]]
    )

"""People in Jira as REST shows them to who keeps the data."""

from pydantic import BaseModel, Field

from sprintreports.jira.privacy.people import JiraPersonRow


class JiraPersonOut(BaseModel):
    """Somebody in a Jira. Of an erased one only an alias is kept."""

    id: int
    site_id: int
    site: str
    name: str
    account_key: str = Field(description="Jira's own name for the account; an alias once erased")
    active: bool
    erased: bool

    @classmethod
    def of(cls, row: JiraPersonRow) -> "JiraPersonOut":
        return cls(**{name: getattr(row, name) for name in JiraPersonRow.__slots__})

"""From audit entries to what the page shows, and from what was typed to filters: pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sprintreports.identity.audit import Action, Outcome
from sprintreports.identity.audit.listing import Filters, Row
from sprintreports.ui.dates import instant
from sprintreports.ui.links import identifier

FIELDS = (
    "since", "until", "action", "actor", "outcome", "subject_kind", "subject_id", "address", "request_id",
)  # fmt: skip
OUTCOMES = {
    Outcome.DONE: ("Done", "good"),
    Outcome.REFUSED: ("Refused", "warn"),
    Outcome.FAILED: ("Failed", "bad"),
}
_LONGEST = 160


@dataclass
class AuditLine:
    """One entry as text."""

    id: str = ""
    when: str = ""
    who: str = ""
    what: str = ""
    subject: str = ""
    outcome: str = ""
    tone: str = ""
    changes: str = ""
    address: str = ""
    request_id: str = ""


@dataclass
class Choice:
    """One entry of a select."""

    value: str
    label: str


def line(row: Row, *, zone: ZoneInfo) -> AuditLine:
    outcome, tone = OUTCOMES[Outcome(row.outcome)]
    return AuditLine(
        id=str(row.id),
        when=instant(row.at, zone),
        who=who(row.actor_id, row.actor),
        what=words(row.action),
        subject=" ".join(part for part in (row.subject_kind.replace("_", " "), row.subject_id) if part),
        outcome=outcome,
        tone=tone,
        changes=changes(row.before, row.after),
        address=row.address,
        request_id=row.request_id,
    )


def who(actor_id: int | None, name: str | None) -> str:
    if actor_id is None:
        return "Nobody signed in"
    return "Sprint Reports itself" if actor_id == 0 else name or f"User {actor_id}"


def words(action: str) -> str:
    """ "site.changed" as "Site changed"."""
    return action.replace(".", " ").replace("_", " ").capitalize()


def changes(before: Any, after: Any) -> str:
    """What was and what is, name by name."""
    old, new = (one if isinstance(one, Mapping) else {} for one in (before, after))
    parts: list[str] = []
    for name in {**old, **new}:
        label = str(name).replace("_", " ")
        if name in old and name in new:
            parts.append(f"{label}: {_short(old[name])} → {_short(new[name])}")
        elif name in new:
            parts.append(f"{label}: {_short(new[name])}")
        else:
            parts.append(f"{label}: {_short(old[name])} before")
    return "; ".join(parts)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def action_choices() -> list[Choice]:
    """Whole families first, then each kind of action."""
    families = sorted({action.partition(".")[0] + "." for action in Action})
    return [Choice(family, f"All of {words(family[:-1]).lower()}") for family in families] + [
        Choice(action.value, words(action.value)) for action in sorted(Action)
    ]


def filters_of(parameters: Mapping[str, str], *, zone: ZoneInfo, actor: int | None) -> Filters:
    """What the address asks for; what makes no sense is left out. `actor`: the user that was meant."""

    def word(name: str) -> str | None:
        return parameters.get(name, "").strip()[:120] or None

    outcome = parameters.get("outcome", "")
    return Filters(
        since=_midnight(parameters.get("since", ""), zone),
        until=_midnight(parameters.get("until", ""), zone, days=1),
        action=word("action"),
        actor=actor,
        subject_kind=word("subject_kind"),
        subject_id=word("subject_id"),
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        address=word("address"),
        request_id=word("request_id"),
    )


def actor_of(written: str) -> int | None:
    """The id that was typed; None when it is none."""
    return 0 if written.strip() == "0" else identifier(written.strip())


def _midnight(written: str, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(written) + timedelta(days=days)
        return datetime(day.year, day.month, day.day, tzinfo=zone)
    except (ValueError, OverflowError):
        return None

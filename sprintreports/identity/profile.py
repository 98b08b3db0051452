"""What people set for themselves: name, time zone, how numbers and dates are written, theme."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, users
from sprintreports.identity.user_rows import User
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid


class Theme(StrEnum):
    SYSTEM = "system"  # as the device is set
    LIGHT = "light"
    DARK = "dark"


class Locale(StrEnum):
    """How numbers and dates are written; the words stay English."""

    EN_GB = "en-GB"
    EN_US = "en-US"
    DE_DE = "de-DE"
    DE_CH = "de-CH"
    FR_FR = "fr-FR"
    SV_SE = "sv-SE"


@dataclass(frozen=True, slots=True)
class Choices:
    """What is changed; None: stays. An empty `time_zone` follows the browser, an empty `locale` is the usual one."""

    name: str | None = None
    time_zone: str | None = None
    locale: str | None = None
    theme: Theme | None = None


async def change(session: AsyncSession, viewer: Viewer, choices: Choices) -> User:
    """Keep what somebody chose for themselves. Raises Forbidden, or Invalid with all that is wrong."""
    if viewer.scopes is not None:
        raise Forbidden("A key or client with limited scopes does not change a profile. Sign in yourself.")
    user = await users.one(session, viewer.user_id)
    wanted: dict[str, Any] = {
        "name": None if choices.name is None else " ".join(choices.name.split()),
        "time_zone": choices.time_zone,
        "locale": choices.locale,
        "theme": choices.theme,
    }
    problems: list[FieldProblem] = []
    if wanted["name"] == "":
        problems.append(FieldProblem("name", "Enter a name."))
    if choices.time_zone and choices.time_zone not in available_timezones():
        problems.append(FieldProblem("time_zone", "Choose a time zone such as Europe/Berlin."))
    if choices.locale and choices.locale not in set(Locale):
        problems.append(FieldProblem("locale", f"Choose one of {', '.join(Locale)}."))
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    users.check_texts(email=user.email, username=user.username, name=wanted["name"] or user.name)
    values = {
        column: value or None
        for column, value in wanted.items()
        if value is not None and (value or None) != getattr(user, column)
    }
    if not values:
        return user
    assignment = ", ".join(f"{column} = :{column}" for column in values)
    statement = text(f"UPDATE user_account SET {assignment}, updated_at = now() WHERE id = :id")
    await session.execute(statement, {**values, "id": user.id})
    after = {"fields": sorted(values)}
    await audit.record(session, viewer, audit.Action.USER_CHANGED, subject=("user", user.id), after=after)
    return await users.one(session, user.id)

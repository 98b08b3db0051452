"""What people type into the forms of planning, read kindly: numbers, days, regions, and a team's settings."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.values import Unit
from sprintreports.planning.teams import TeamSettings
from sprintreports.ui.links import identifier

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBER = re.compile(r"-?[0-9]{1,7}([.,][0-9]{1,4})?")


def word(form: Mapping[str, Any], name: str) -> str:
    """A field as text, without spaces around it."""
    return str(form.get(name) or "").strip()


def number(text: str, what: str) -> Decimal:
    """A number with a point or a comma, a percentage with or without its sign. Raises Invalid, naming what it is of."""
    bare = text.replace("%", "").replace(" ", "").replace("−", "-")
    if not _NUMBER.fullmatch(bare):
        raise _invalid("number", f"{what}: {text[:40]!r} is no number. Write it like 7.5.")
    return Decimal(bare.replace(",", "."))


def day(text: str, what: str) -> date | None:
    """A day as a date field gives it; None for an empty one. Raises Invalid."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _invalid("day", f"{what}: {text[:40]!r} is no day. Write it as 2026-03-24.") from None


def needed_day(text: str, what: str) -> date:
    """The same of a day that has to be there."""
    found = day(text, what)
    if found is None:
        raise _invalid("day", f"{what}: choose a day.")
    return found


def region(text: str) -> tuple[str | None, str | None]:
    """A country and a part of it, from DE or DE-BE; None for what is empty."""
    country, _, part = text.strip().partition("-")
    return country.strip().upper() or None, part.strip().upper() or None


def region_text(country: str | None, subdivision: str | None) -> str:
    """What `region` reads."""
    return "-".join(part for part in (country, subdivision) if part)


def settings(form: Mapping[str, Any], before: TeamSettings) -> TeamSettings:
    """A team's settings as its form has them. Raises Invalid for what is no number; the rest is checked on saving."""
    unit = word(form, "unit")
    return replace(
        before,
        name=word(form, "name"),
        parent_id=identifier(word(form, "parent")),
        unit=Unit(unit) if unit in set(Unit) else before.unit,
        zone=word(form, "zone"),
        weekdays=weekdays(form),
        country=word(form, "country") or None,
        subdivision=(word(form, "subdivision") or None) if word(form, "country") else None,
        focus=number(word(form, "focus"), "The focus factor"),
        hours_per_day=number(word(form, "hours"), "The hours of a day"),
    )


def weekdays(form: Mapping[str, Any]) -> tuple[int, ...]:
    """The weekdays that are ticked."""
    return tuple(number for number in range(7) if f"day-{number}" in form)


def ticked(form: Mapping[str, Any], prefix: str) -> list[int]:
    """The ids of what is ticked, in the form's order."""
    found = (identifier(name.removeprefix(prefix)) for name in form if name.startswith(prefix))
    return [one for one in found if one is not None]


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, details=(FieldProblem(field, message),))

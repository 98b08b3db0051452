"""One sign-in from its start to its end, whatever the provider speaks.

`depart` and `arrive` ask over the network and know no database, so that nobody holds a connection while a provider thinks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.sso import accounts, attempts, groups, oidc, saml
from sprintreports.identity.sso.attempts import Secrets
from sprintreports.identity.sso.errors import SignInRefused
from sprintreports.identity.sso.saml import Told
from sprintreports.identity.sso.values import Arrived, Kind, Provider

_SHOWN = 100  # claims of a test; and so many characters of each
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who has come back; of SAML, which assertion must never come again."""

    arrived: Arrived
    told: Told | None = None


async def depart(provider: Provider, credential: str, *, state: str, now: datetime) -> tuple[str, Secrets]:
    """Where the browser goes, and what has to fit when it comes back. Raises ProviderFailed."""
    if provider.kind is Kind.SAML:
        return saml.depart(provider, credential, state=state)
    return await oidc.depart(provider, state=state, now=now)


async def arrive(
    provider: Provider, credential: str, answer: Mapping[str, str], secrets: Secrets, *, now: datetime
) -> Arrival:
    """Who has come back, after all checks. Raises SignInRefused or ProviderFailed."""
    if provider.kind is Kind.SAML:
        told = await saml.arrive(provider, answer.get("SAMLResponse", ""), secrets, now=now)
        return Arrival(told.arrived, told)
    return Arrival(await oidc.arrive(provider, credential, answer, secrets, now=now))


async def enter(session: AsyncSession, provider: Provider, arrival: Arrival, *, now: datetime) -> int:
    """The id of the user who signs in, linked or made where that is due. Raises SignInRefused."""
    await _once(session, provider, arrival)
    return await accounts.enter(session, provider, arrival.arrived, now=now)


async def link(
    session: AsyncSession, provider: Provider, arrival: Arrival, *, user_id: int, now: datetime
) -> None:
    """Link the provider's account to a user who asked for it while signed in. Raises SignInRefused."""
    await _once(session, provider, arrival)
    await accounts.link(session, provider, arrival.arrived, user_id=user_id, now=now)


async def tested(session: AsyncSession, provider: Provider, arrival: Arrival) -> dict[str, Any]:
    """What a test shows: everything that arrived, and what a sign-in with it would do. Nothing is done."""
    await _once(session, provider, arrival)
    arrived = arrival.arrived
    try:
        outcome, refused = (await accounts.plan(session, provider, arrived)).sentence, ""
    except SignInRefused as error:
        outcome, refused = "", error.message
    given = groups.given(provider, arrived.groups)
    return {
        "outcome": outcome,
        "refused": refused,
        "subject": arrived.subject,
        "email": arrived.email,
        "email_verified": arrived.email_verified,
        "name": arrived.name,
        "groups": None if arrived.groups is None else list(arrived.groups[:_SHOWN]),
        "roles": sorted({role.value for role in given.values()}),
        "claims": {
            _shown(name)[:200]: _shown(value) for name, value in sorted(arrived.claims.items())[:_SHOWN]
        },
    }


async def _once(session: AsyncSession, provider: Provider, arrival: Arrival) -> None:
    told = arrival.told
    if told is not None:
        await attempts.first_seen(session, provider.id, told.assertion_id, until=told.until)


def _shown(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "".join(sign for sign in text if sign.isprintable())[:_LONGEST]

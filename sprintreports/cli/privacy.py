"""What is stored about people, from the command line: written to a file, or erased."""

import asyncio
import json
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.cli.database import database
from sprintreports.identity import privacy, user_list
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.privacy import people
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.observability import logs
from sprintreports.planning import privacy as planning

_SYSTEM = Viewer.system()


def export(*, user: str, person: int, output: Path) -> None:
    """Write all that is stored about an account (`user`: its address) or about somebody in Jira (`person`: our id)."""
    _one_of(user, person)
    if output.exists():
        raise Invalid(f"{output} exists already. Choose another name.")

    async def read(session: AsyncSession) -> dict[str, Any]:
        if person:
            found = await people.personal_data(session, _SYSTEM, person)
            planned = await planning.personal_data(session, _SYSTEM, person)
            return found | ({"planning": planned} if planned else {})
        return await privacy.personal_data(session, _SYSTEM, await _user(session, user))

    found = _run(read)
    output.touch(mode=0o600)
    output.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    print(f"Wrote {output}. It holds personal data: keep it where only its reader gets at it.")


def erase(*, user: str, person: int, yes: bool) -> None:
    """Erase an account or somebody in Jira, after a question."""
    _one_of(user, person)
    whom = user or f"person {person} in Jira"
    if not yes and input(f"This erases {whom} for good. Go on? [y/N] ") != "y":
        print("Nothing was changed.")
        return

    async def work(session: AsyncSession) -> dict[str, Any]:
        if person:
            return {"name": (await people.erase(session, _SYSTEM, person, now=clock.now())).name}
        await privacy.erase(session, _SYSTEM, await _user(session, user), now=clock.now())
        return {}

    done = _run(work)
    if person:
        print(
            f"Erased: {done['name']} stands for the name. The worker now goes through what is stored from Jira."
        )
    else:
        print(f"{user} is erased.")
    print("Backups that were made before still hold the name until they are deleted.")


def search(name: str) -> None:
    """Print people in Jira whose name holds this text, with the id that the other commands take."""

    async def read(session: AsyncSession) -> dict[str, Any]:
        found = await people.listing(session, _SYSTEM, search=name, per_page=100)
        return {"lines": [f"{one.id}  {one.name}  ({one.site})" for one in found.items], "total": found.total}

    found = _run(read)
    print("\n".join(found["lines"]) or "Nobody in Jira is called like this.")
    if found["total"] > len(found["lines"]):
        print(f"… and {found['total'] - len(found['lines'])} more: give more of the name.")


def _one_of(user: str, person: int) -> None:
    if bool(user) == bool(person):
        raise Invalid("Name either an account (--user ada@example.org) or somebody in Jira (--person 7).")


async def _user(session: AsyncSession, address: str) -> int:
    found = await user_list.listing(session, _SYSTEM, search=address, per_page=100)
    exact = [one.id for one in found.items if one.email.casefold() == address.strip().casefold()]
    if not exact:
        raise NotFound(f"No account has the address {address}.")
    return exact[0]


def _run(work: Any) -> dict[str, Any]:
    logs.configure("ERROR")

    async def inside() -> dict[str, Any]:
        try:
            async with db.transaction() as session:
                return await work(session)
        finally:
            await db.dispose()

    with database():
        return asyncio.run(inside())

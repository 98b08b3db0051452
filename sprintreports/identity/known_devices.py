"""Tells people of a sign-in from a device that they have not used before.

A device is the browser or program in words and the network that its address belongs to, about as large as a provider's. It
is a hint for its owner, and decides nothing: who has the same browser in the same network is not noticed.
"""

from datetime import datetime
from ipaddress import ip_address, ip_network

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import devices, notices
from sprintreports.identity.notices.kinds import NewDevice

_PREFIX = {4: 16, 6: 32}
_SEEN = text("""
WITH earlier AS (SELECT count(*) > 0 AS known FROM known_device WHERE user_id = CAST(:user_id AS bigint))
INSERT INTO known_device (user_id, device, network, first_at, last_at)
SELECT CAST(:user_id AS bigint), CAST(:device AS varchar), CAST(:network AS varchar), CAST(:now AS timestamptz),
       CAST(:now AS timestamptz)
FROM earlier
ON CONFLICT (user_id, device, network) DO UPDATE SET last_at = excluded.last_at
RETURNING xmax = 0 AND (SELECT known FROM earlier)
""")


async def signed_in(
    session: AsyncSession, *, user_id: int, user_agent: str, address: str, now: datetime
) -> None:
    """Note a sign-in; its owner is told when the device is new to them. The first of all is none that is told."""
    device = devices.words(user_agent)[:80]
    values = {"user_id": user_id, "device": device, "network": network_of(address), "now": now}
    if (await session.execute(_SEEN, values)).scalar_one():
        key = f"device:{now.isoformat()}:{device}"[:120]
        shown = NewDevice(device, address[:64])
        await notices.tell(session, shown, to=user_id, key=key, now=now)


def network_of(address: str) -> str:
    """The network that an address belongs to: 203.0.113.9 is of 203.0.0.0/16. Empty where it is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, _PREFIX[found.version]), strict=False))

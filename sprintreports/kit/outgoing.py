"""The one guard that every outgoing request to a typed-in address passes, as part of making its connection.

A name is looked up once, what it stands for is judged, and the connection goes to the very address that was judged; TLS
still checks the name. So nobody can have another address in the end than the one that was looked at. Requests over a
connection that stands cost nothing more.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from ipaddress import ip_address
from socket import AF_INET, AF_INET6, SOCK_STREAM, socket
from typing import cast

import httpcore
import httpx
import psycopg

from sprintreports.kit import addresses
from sprintreports.kit.addresses import Address, AllowList, Target
from sprintreports.kit.errors import Unavailable, UpstreamFailed
from sprintreports.observability import logs
from sprintreports.settings import settings

Resolver = Callable[[str, int], Awaitable[list[str]]]

NOTHING_MORE = AllowList()
_MOST_TRIED = 4  # addresses of one name
_LONGEST_WAIT = 10.0
_WHERE = (
    "If that is wanted, an admin allows it on the page “Jira sites” under “Outgoing requests”, or whoever runs this server "
    "in SPRINTREPORTS_OUTGOING_ALLOWED."
)

log = logs.get("kit.outgoing")


class AddressRefused(UpstreamFailed):
    """This address may not be asked.

    `public`: the same without the address behind the name, for people who have not signed in.
    """

    def __init__(self, message: str = "", *, public: str = "") -> None:
        super().__init__(message)
        self.public: str = public or self.message


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system orders them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def _parsed(text: str) -> AllowList:
    return addresses.parse(text.replace(",", " ").split())


def from_environment() -> AllowList:
    """What whoever runs this server allows. Raises Unavailable where it cannot be read."""
    try:
        return _parsed(settings().outgoing_allowed)
    except ValueError as error:
        raise Unavailable(f"SPRINTREPORTS_OUTGOING_ALLOWED cannot be read. {error}") from None


async def from_database() -> AllowList:
    """What admins allow in the app. Nothing, where the database cannot tell."""
    if not settings().database_url:
        return AllowList()
    from sprintreports.kit import db

    try:
        lines = await db.value_aside("SELECT allowed FROM outgoing_policy WHERE id = 1")
    except (psycopg.Error, OSError) as error:
        log.warning("outgoing_list_unread", error=type(error).__name__)
        return AllowList()
    return addresses.parse(lines or [])


class GuardedTransport(httpx.AsyncHTTPTransport):
    """HTTP over connections that the guard has let through."""

    def __init__(
        self,
        *,
        connections: int,
        tls: ssl.SSLContext,
        allowed: AllowList,
        resolve: Resolver,
    ) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        super().__init__(verify=tls, trust_env=False, limits=limits)
        self._pool = _Pool(connections, tls, limits.keepalive_expiry, allowed=allowed, resolve=resolve)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.userinfo:
            raise AddressRefused(
                f"The address of {url.host} holds a name or a password. Leave them out of it."
            )
        if url.scheme not in {"http", "https"}:
            raise AddressRefused(f"{url.host or 'This address'} can be asked by https:// only.")
        return await super().handle_async_request(request)


class _Pool(httpcore.AsyncConnectionPool):
    """A pool whose connections know by which scheme they are asked for."""

    def __init__(
        self,
        connections: int,
        tls: ssl.SSLContext,
        expiry: float | None,
        *,
        allowed: AllowList,
        resolve: Resolver,
    ) -> None:
        super().__init__(
            ssl_context=tls,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=expiry,
        )
        self._tls, self._expiry, self._allowed, self._resolve = tls, expiry, allowed, resolve

    def create_connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        return httpcore.AsyncHTTPConnection(
            origin=origin,
            ssl_context=self._tls,
            keepalive_expiry=self._expiry,
            network_backend=_Wire(origin.scheme.decode(), self._allowed, self._resolve),
        )


class _Wire(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were judged, and to nothing else."""

    def __init__(self, scheme: str, allowed: AllowList, resolve: Resolver) -> None:
        self._scheme = scheme
        self._allowed = allowed
        self._resolve = resolve
        self._inner = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        patience = _LONGEST_WAIT if timeout is None else timeout
        clock = asyncio.get_running_loop().time
        ends = clock() + patience
        try:
            async with asyncio.timeout(patience):
                found = await judged(self._scheme, host, port, allowed=self._allowed, resolve=self._resolve)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("name resolution took too long") from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        failure: Exception = httpcore.ConnectError("All connection attempts failed")
        for tried, address in enumerate(found):
            share = max(0.0, ends - clock()) / (len(found) - tried)
            try:
                return await self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=share,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


async def connected(
    scheme: str, host: str, port: int, *, patience: float = _LONGEST_WAIT, resolve: Resolver = look_up
) -> socket:
    """A connection for what is no HTTP, to an address that was judged. Raises AddressRefused, OSError, TimeoutError."""
    loop = asyncio.get_running_loop()
    failure: OSError = OSError("All connection attempts failed")
    async with asyncio.timeout(patience):
        for address in await judged(scheme, host, port, resolve=resolve):
            wire = socket(AF_INET6 if address.version == 6 else AF_INET, SOCK_STREAM)
            wire.setblocking(False)
            try:
                await loop.sock_connect(wire, (str(address), port))
            except OSError as error:
                wire.close()
                failure = error
            except BaseException:
                wire.close()
                raise
            else:
                return wire
    raise failure


async def judged(
    scheme: str, host: str, port: int, *, allowed: AllowList = NOTHING_MORE, resolve: Resolver = look_up
) -> list[Address]:
    """The addresses of a host that may be asked, a few at most. Raises AddressRefused, or OSError for an unknown name."""
    try:
        target = Target(scheme, addresses.host_of(host), port)
    except ValueError as error:
        raise AddressRefused(str(error)) from None
    found = await _addresses(target, resolve)
    known = from_environment() + allowed
    passed = [one for one in found if not addresses.refusal(target, one, known)]
    if not passed:
        # Asked last, and only for what is not public: most connections never need it.
        known += await from_database()
        passed = [one for one in found if not addresses.refusal(target, one, known)]
    if not passed:
        raise _refused(target, found[0], addresses.refusal(target, found[0], known))
    return passed[:_MOST_TRIED]


async def _addresses(target: Target, resolve: Resolver) -> list[Address]:
    try:
        return [ip_address(target.host)]
    except ValueError:
        found = [ip_address(text) for text in await resolve(target.host, target.port)]
    if not found:
        raise OSError("No address associated with hostname")
    return [one.ipv4_mapped or one if one.version == 6 else one for one in found]


def _refused(target: Target, address: Address, why: str) -> AddressRefused:
    log.warning("outgoing_refused", host=target.host, port=target.port, address=str(address), reason=why)
    place = target.host if ":" not in target.host else f"[{target.host}]"
    place = f"{place}:{target.port}"
    stands = "" if str(address) == target.host else f", which stands for {address}"
    return AddressRefused(
        f"Sprint Reports does not connect to {place}{stands}: {why}. {_WHERE}",
        public=f"Sprint Reports does not connect to {place}. {_WHERE}",
    )

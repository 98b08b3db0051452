"""Which addresses may be asked: what was typed is read strictly, and what it stands for is judged.

Public addresses may be asked by https. Everything else needs an allow-list: names, addresses or networks, each perhaps
with a port, such as `jira.corp.example`, `*.corp.example`, `10.20.0.0/16`, `[fd00::7]:8443`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

# Where clouds and container services tell a machine its own secrets: only an entry for the very address opens these.
_METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23",
            "100.100.100.200", "168.63.129.16", "192.0.0.192",
        ),
    )
)  # fmt: skip
# Addresses that carry another one within them, which is where a gateway would take the request.
_EMBEDDING = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
_USUAL_PORTS = frozenset({80, 443})
_MAIL_PORTS = frozenset({25, 465, 587, 2525})
# Mail with encryption, and without: the latter to this machine alone.
MAIL, PLAIN_MAIL = "smtp", "smtp-plain"
_FIRST_FREE_PORT = 1024
# Above 1024 and never HTTP, or an administration of machines: databases, caches, brokers, containers.
_OTHER_SERVICES = frozenset(
    {1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 6000, 6379, 6380, 6443, 6697, 9042,
     9092, 10250, 11211, 26379, 27017}
)  # fmt: skip
_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an allow-list: a name (`*.` before it: what lies below) or a network, for one port or all."""

    name: str = ""
    network: IPv4Network | IPv6Network | None = None
    port: int | None = None

    @property
    def is_one_address(self) -> bool:
        return self.network is not None and self.network.num_addresses == 1

    def covers(self, host: str, address: Address, port: int) -> bool:
        if self.port not in {None, port}:
            return False
        if self.network is not None:
            return address in self.network
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name

    def __str__(self) -> str:
        if self.network is None:
            shown = self.name
        else:
            shown = str(self.network.network_address) if self.is_one_address else str(self.network)
            if self.port is not None and self.network.version == 6:
                shown = f"[{shown}]"
        return shown if self.port is None else f"{shown}:{self.port}"


@dataclass(frozen=True, slots=True)
class AllowList:
    """What may be asked besides public addresses by https."""

    entries: tuple[Entry, ...] = ()

    def __add__(self, other: "AllowList") -> "AllowList":
        return AllowList((*self.entries, *other.entries))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request is to go: the host as `host_of` reads it."""

    scheme: str
    host: str
    port: int


def parse(lines: Iterable[str]) -> AllowList:
    """An allow-list. Raises ValueError with a sentence that names the line."""
    return AllowList(tuple(entry_of(line.strip()) for line in lines if line.strip()))


def entry_of(text: str) -> Entry:
    """One line. Raises ValueError."""
    host, port = _split(text)
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"“{text}” names a port that does not exist. Ports go from 1 to 65535.")
    try:
        return Entry(network=ip_network(host), port=port)
    except ValueError as error:
        if "host bits" in str(error):
            raise ValueError(f"“{text}” is no network: it should begin at {_start(host)}.") from None
    name = host.rstrip(".").lower()
    known = _NAME.fullmatch(name.removeprefix("*."))
    if not known or _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise ValueError(
            f"“{text}” is neither a host name, nor an address, nor a network. Write jira.example.com, *.example.com, "
            "10.0.0.7 or 10.0.0.0/8, with a port after a colon where only that one is meant."
        )
    return Entry(name=name, port=port)


def host_of(text: str) -> str:
    """The host of a URL in its one usual spelling. Raises ValueError: spellings that hide an address are no host."""
    host = text.lower().removesuffix(".")
    if ":" in host:
        return str(IPv6Address(host)) if "%" not in host else _odd(text)
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return str(IPv4Address(host)) if host == text.lower() else _odd(text)
        except ValueError:
            return _odd(text)
    return host if _NAME.fullmatch(host) else _odd(text)


def refusal(target: Target, address: Address, allowed: AllowList) -> str:
    """Why this address may not be asked, as the end of a sentence; empty if it may."""
    inner = carried(address)
    listed = [entry for entry in allowed.entries if entry.covers(target.host, inner, target.port)]
    if inner in _METADATA and not any(entry.is_one_address for entry in listed):
        return "a cloud keeps secrets of its machines there, so only an entry for this very address would allow it"
    reserved = inner.is_reserved and not inner.is_loopback
    if inner.is_multicast or inner.is_unspecified or reserved or inner in _THIS_NETWORK:
        return "no server is ever found at such an address"
    kind = _kind(inner)
    if kind and not listed:
        return f"that is {kind}"
    if target.scheme == PLAIN_MAIL and not inner.is_loopback:
        return "mail without encryption can be read by everybody on the way; choose STARTTLS or TLS"
    if target.scheme not in {"https", MAIL, PLAIN_MAIL} and not listed:
        return "plain http:// can be read and changed by everybody on the way; use https:// if it can be had"
    usual = _MAIL_PORTS if target.scheme in {MAIL, PLAIN_MAIL} else _USUAL_PORTS
    unusual = target.port < _FIRST_FREE_PORT and target.port not in usual
    exact = any(entry.port == target.port for entry in listed)
    if (unusual or target.port in _OTHER_SERVICES) and not exact:
        return f"port {target.port} belongs to another kind of service, so only an entry with this port would allow it"
    return ""


def carried(address: Address) -> Address:
    """The address that a request to this one ends at: IPv6 has several ways of carrying one of IPv4."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and any(address in network for network in _EMBEDDING) and int(address) > 1:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


_THIS_NETWORK = ip_network("0.0.0.0/8")


def _kind(address: Address) -> str:
    if address.is_loopback:
        return "this server itself"
    if address.is_link_local:
        return "an address that only neighbours on the same cable have"
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return "an address of a private network" if site_local or not address.is_global else ""


def _split(text: str) -> tuple[str, int | None]:
    """Host and port. An address of IPv6 has brackets where a port follows."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(\d{1,5}))?", text)
    if bracketed:
        return bracketed[1], int(bracketed[2]) if bracketed[2] else None
    host, colon, port = text.rpartition(":")
    if colon and ":" not in host and re.fullmatch(r"\d{1,5}", port):
        return host, int(port)
    return text, None


def _start(host: str) -> str:
    return str(ip_network(host, strict=False))


def _odd(text: str) -> str:
    raise ValueError(
        f"“{text[:100]}” is no usual way to write a host. Enter its name, or its address as in 192.0.2.10 or "
        "[2001:db8::10]."
    )

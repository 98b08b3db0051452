"""Whose word is taken about where a request came from, hop by hop."""

import pytest

from sprintreports.settings import Settings
from sprintreports.ui.forwarded import asker, named

OURS = named("127.0.0.1, 10.0.0.0/8, fd00::/8,")


@pytest.mark.parametrize(
    ("peer", "hops", "expected"),
    [
        # From strangers nothing is believed.
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("127.0.0.2", ["203.0.113.9"], "127.0.0.2"),
        ("2001:db8::1", ["203.0.113.9"], "2001:db8::1"),
        # From a proxy, the last address that is no proxy; before it, anything may have been made up.
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["6.6.6.6, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ("127.0.0.1", ["6.6.6.6", "203.0.113.9", "10.1.2.3,fd00::7"], "203.0.113.9"),
        ("127.0.0.1", ["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
        ("10.9.9.9", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["10.1.2.3, 10.4.5.6"], "10.1.2.3"),
        ("127.0.0.1", [], "127.0.0.1"),
        # Spellings.
        ("127.0.0.1", ["203.0.113.9:50123"], "203.0.113.9"),
        ("127.0.0.1", ["[2001:db8::9]:50123"], "2001:db8::9"),
        ("127.0.0.1", ["[2001:db8::9]"], "2001:db8::9"),
        ("127.0.0.1", ["2001:DB8:0::9"], "2001:db8::9"),
        ("127.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("::ffff:127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        # What is no address ends the walk at the proxy that wrote it.
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9, unknown, 10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", ["unknown, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [", ,"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9:99999999"], "127.0.0.1"),
        ("127.0.0.1", ["999.1.1.1:80"], "127.0.0.1"),
        ("127.0.0.1", ["[]"], "127.0.0.1"),
        ("127.0.0.1", ["'; DROP TABLE x; --\x00"], "127.0.0.1"),
        ("127.0.0.1", ["_hidden, [:::::]:1"], "127.0.0.1"),
        ("testclient", ["203.0.113.9"], "testclient"),
    ],
)
def test_who_asked(peer: str, hops: list[str], expected: str) -> None:
    assert asker(peer, hops, OURS) == expected


def test_without_a_proxy_nobody_is_believed() -> None:
    assert asker("127.0.0.1", ["203.0.113.9"], named("")) == "127.0.0.1"


@pytest.mark.parametrize("value", ["*", "proxy.internal", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1 10.0.0.1"])
def test_what_names_no_proxy_is_told(value: str) -> None:
    with pytest.raises(ValueError, match=r"neither an address nor a network\. Whoever"):
        Settings(trusted_proxies=value)

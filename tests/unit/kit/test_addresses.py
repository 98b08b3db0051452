"""How hosts are read, what addresses are, and what an allow-list lets through."""

from ipaddress import ip_address

import pytest

from sprintreports.kit.addresses import AllowList, Target, carried, entry_of, host_of, parse, refusal

NOBODY = AllowList()


def why(address: str, *allowed: str, scheme: str = "https", host: str = "jira.test", port: int = 443) -> str:
    return refusal(Target(scheme, host, port), ip_address(address), parse(allowed))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Jira.Example.COM", "jira.example.com"),
        ("jira.example.com.", "jira.example.com"),
        ("LOCALHOST.", "localhost"),
        ("my_jira", "my_jira"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("192.0.2.10", "192.0.2.10"),
        ("2001:DB8:0:0::10", "2001:db8::10"),
        ("::ffff:127.0.0.1", "::ffff:7f00:1"),
    ],
)
def test_a_host_has_one_spelling(written: str, read: str):
    assert host_of(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "2130706433",  # 127.0.0.1 as one number
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.01",
        "127.0.0.1.",
        "017700000001",
        "1.2.3.4.5",
        "999.1.1.1",
        "jira.example.0x1",
        "fe80::1%eth0",
        "::1%1",
        "jira example",
        "jira%2eexample",
        "jira..example",
        "-jira.example",
        "",
        ".",
        "a" * 254,
        "１２７.0.0.1",
        "jira\n.example",
        "jira@example",
    ],
)
def test_spellings_that_hide_an_address_are_no_host(written: str):
    with pytest.raises(ValueError, match=r"no usual way|Expected|[Aa]t least|permitted"):
        host_of(written)


@pytest.mark.parametrize(
    ("address", "sign"),
    [
        ("127.0.0.1", "this server itself"),
        ("127.200.3.4", "this server itself"),
        ("::1", "this server itself"),
        ("10.1.2.3", "private network"),
        ("172.16.0.1", "private network"),
        ("172.31.255.255", "private network"),
        ("192.168.1.1", "private network"),
        ("100.64.0.1", "private network"),
        ("100.127.255.254", "private network"),
        ("198.18.0.1", "private network"),
        ("fc00::1", "private network"),
        ("fd12:3456::1", "private network"),
        ("fec0::1", "private network"),
        ("169.254.1.1", "same cable"),
        ("fe80::1", "same cable"),
        ("0.0.0.0", "no server"),  # noqa: S104  # judged, not bound
        ("0.1.2.3", "no server"),
        ("::", "no server"),
        ("224.0.0.1", "no server"),
        ("239.255.255.250", "no server"),
        ("ff02::1", "no server"),
        ("240.0.0.1", "no server"),
        ("255.255.255.255", "no server"),
        ("169.254.169.254", "secrets of its machines"),
        ("fd00:ec2::254", "secrets of its machines"),
        ("100.100.100.200", "secrets of its machines"),
        ("168.63.129.16", "secrets of its machines"),
        ("::ffff:127.0.0.1", "this server itself"),
        ("::ffff:10.0.0.1", "private network"),
        ("::ffff:169.254.169.254", "secrets of its machines"),
        ("::7f00:1", "this server itself"),
        ("2002:7f00:1::", "this server itself"),
        ("2002:a00:1::1", "private network"),
        ("64:ff9b::127.0.0.1", "this server itself"),
        ("64:ff9b::a9fe:a9fe", "secrets of its machines"),
        ("64:ff9b:1::10.0.0.1", "private network"),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", "private network"),  # Teredo, of 10.0.0.1
    ],
)
def test_what_is_not_public_is_refused_and_named(address: str, sign: str):
    assert sign in why(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "104.192.137.240", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
def test_public_addresses_need_no_list(address: str):
    assert why(address) == ""


def test_an_address_within_another_is_what_counts():
    assert str(carried(ip_address("::ffff:10.0.0.1"))) == "10.0.0.1"
    assert str(carried(ip_address("64:ff9b::808:808"))) == "8.8.8.8"
    assert str(carried(ip_address("2606:4700::1111"))) == "2606:4700::1111"


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/8", "10.1.2.3", "jira.test", "*.test", "jira.test:443", "10.1.2.3:443"]
)
def test_an_entry_lets_through_what_it_names(entry: str):
    assert why("10.1.2.3", entry) == ""
    assert why("10.1.2.3", entry, scheme="http", port=443) == ""


@pytest.mark.parametrize(
    "entry",
    ["10.2.0.0/16", "10.1.2.4", "other.test", "*.jira.test", "jira.test:8443", "10.1.2.3:80", "fd00::/8"],
)
def test_an_entry_lets_nothing_else_through(entry: str):
    assert "private network" in why("10.1.2.3", entry)


def test_a_name_below_a_domain_is_not_a_name_that_ends_like_it():
    assert why("10.1.2.3", "*.corp.test", host="jira.corp.test") == ""
    assert "private" in why("10.1.2.3", "*.corp.test", host="jiracorp.test")
    assert "private" in why("10.1.2.3", "*.corp.test", host="corp.test")


def test_mapped_addresses_are_found_in_the_list_of_ipv4():
    assert why("::ffff:10.1.2.3", "10.0.0.0/8") == ""


@pytest.mark.parametrize("entry", ["169.254.0.0/16", "0.0.0.0/0", "metadata.test", "jira.test"])
def test_secrets_of_machines_need_their_very_address(entry: str):
    assert "secrets of its machines" in why("169.254.169.254", entry)
    assert why("169.254.169.254", "169.254.169.254") == ""
    assert why("169.254.1.1", "169.254.0.0/16") == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"])  # noqa: S104  # judged
def test_no_list_opens_what_is_no_server(address: str):
    assert "no server" in why(address, "0.0.0.0/0", "::/0", "jira.test", address)


def test_plain_http_needs_the_list_even_where_the_address_is_public():
    assert "plain http://" in why("8.8.8.8", scheme="http", port=80)
    assert why("8.8.8.8", "jira.test", scheme="http", port=80) == ""
    assert why("8.8.8.8", "8.8.8.8", scheme="http", port=80) == ""


@pytest.mark.parametrize("port", [22, 25, 53, 110, 445, 853, 2375, 3306, 5432, 6379, 11211, 27017])
def test_ports_of_other_services_need_an_entry_with_that_port(port: int):
    assert f"port {port}" in why("8.8.8.8", port=port)
    assert f"port {port}" in why("10.0.0.1", "10.0.0.0/8", "jira.test", port=port)
    assert why("10.0.0.1", f"10.0.0.1:{port}", port=port) == ""


@pytest.mark.parametrize("port", [80, 443, 2990, 8080, 8443, 49152])
def test_ports_where_web_servers_are_found_need_none(port: int):
    assert why("8.8.8.8", port=port) == ""


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Jira.Corp.", "jira.corp"),
        ("*.Corp.Test", "*.corp.test"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.7", "10.0.0.7"),
        ("10.0.0.7:8080", "10.0.0.7:8080"),
        ("FD00::7", "fd00::7"),
        ("[fd00::7]:8443", "[fd00::7]:8443"),
        ("[fd00::]", "fd00::"),
        ("jira.corp:8080", "jira.corp:8080"),
        ("localhost", "localhost"),
    ],
)
def test_an_entry_is_kept_in_its_usual_spelling(written: str, kept: str):
    assert str(entry_of(written)) == kept
    assert str(entry_of(kept)) == kept


@pytest.mark.parametrize(
    ("written", "sign"),
    [
        ("10.0.0.1/8", "should begin at 10.0.0.0/8"),
        ("https://jira.corp", "neither a host name"),
        ("jira.corp/path", "neither a host name"),
        ("jira.corp:99999", "port that does not exist"),
        ("jira.corp:0", "port that does not exist"),
        ("*", "neither a host name"),
        ("j*.corp.test", "neither a host name"),
        ("0177.0.0.1", "neither a host name"),
        ("2130706433", "neither a host name"),
        ("user@jira.corp", "neither a host name"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_told_of(written: str, sign: str):
    with pytest.raises(ValueError, match=sign):
        entry_of(written)


def test_a_list_may_have_empty_lines():
    assert [str(one) for one in parse(["", " 10.0.0.0/8 ", "  "]).entries] == ["10.0.0.0/8"]
    assert parse([]) == NOBODY

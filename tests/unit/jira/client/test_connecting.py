import httpx
import pytest

from sprintreports.jira import errors
from sprintreports.jira.client import Auth, Credentials, Dialect, connect, normalise_url
from sprintreports.kit.errors import Invalid

CREDENTIALS = Credentials(Auth.BEARER, "", "pat")


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("https://company.atlassian.net", "https://company.atlassian.net"),
        (" company.atlassian.net/jira/software/projects/ABC/boards/1 ", "https://company.atlassian.net"),
        ("https://company.atlassian.net/browse/ABC-1", "https://company.atlassian.net"),
        ("http://jira.intern:8080/jira/", "http://jira.intern:8080/jira"),
        ("https://jira.intern/jira/browse/ABC-1?focusedId=2", "https://jira.intern/jira"),
        ("https://jira.intern/secure/RapidBoard.jspa?rapidView=3", "https://jira.intern"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses_are_taken_as_people_paste_them(typed, base):
    assert normalise_url(typed) == base


@pytest.mark.parametrize(
    "typed", ["", "ftp://x", "https://", "https://user:pw@jira.example", "http://a b", "http://x:port"]
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(Invalid) as caught:
        normalise_url(typed)
    assert caught.value.details[0].field == "base_url"


@pytest.mark.parametrize(
    ("info", "dialect"),
    [
        ({"version": "1001.0.0-SNAPSHOT", "deploymentType": "Cloud"}, Dialect.CLOUD),
        ({"version": "10.3.0", "deploymentType": "DataCenter"}, Dialect.DATA_CENTER),
        ({"version": "8.20.8", "deploymentType": "Server"}, Dialect.DATA_CENTER),
        ({"version": "7.0.0", "versionNumbers": [7, 0, 0]}, Dialect.DATA_CENTER),
        ({"version": "1001.0.0", "versionNumbers": [1001, 0, 0]}, Dialect.CLOUD),
    ],
)
async def test_the_dialect_is_found_out(info, dialect):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=info))
    client = await connect("https://jira.example", CREDENTIALS, transport=transport)
    assert client.dialect is dialect
    await client.aclose()


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(404, html="<html>"),
        httpx.Response(200, json={"hello": "world"}),
        httpx.Response(200, json=[1, 2]),
        httpx.Response(200, html="<html>"),
        httpx.Response(200, content=b"{", headers={"Content-Type": "application/json"}),
    ],
)
async def test_what_is_no_jira_is_said_so(response):
    with pytest.raises(errors.NotAJira, match="address"):
        await connect("https://jira.example", CREDENTIALS, transport=httpx.MockTransport(lambda _: response))

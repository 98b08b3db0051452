"""What admins allow to be asked: over REST, on the page, obeyed by the next connection, told kindly where it is missing."""

import pytest
from sqlalchemy import text

from sprintreports import settings as settings_module
from sprintreports.identity import outgoing
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from sprintreports.kit.errors import Forbidden
from sprintreports.kit.http import AddressRefused
from sprintreports.ui.components.outgoing import Outgoing
from tests.integration.sso_support import browser, openid_provider, set_up_oidc, use_here
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import SYSTEM, site
from tests.integration.test_sso_setup import signed_in
from tests.integration.test_users_page import become, fire, make

__all__ = ["site", "tab"]
PATH = "/api/v1/outgoing-requests"


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch):
    """Whoever runs the server allows an address that no test asks."""
    monkeypatch.setenv("SPRINTREPORTS_OUTGOING_ALLOWED", "192.0.2.7")
    settings_module.reload()
    yield
    monkeypatch.undo()
    settings_module.reload()


async def test_an_admin_allows_and_the_next_connection_may(
    pg_url: str, monkeypatch: pytest.MonkeyPatch, production: None
) -> None:
    use_here(monkeypatch)
    async with openid_provider() as idp, signed_in() as client, http.client() as guarded:
        place = idp.issuer.removeprefix("http://")
        with pytest.raises(AddressRefused, match=place):
            await guarded.get(idp.issuer)
        body = {"base_url": idp.issuer, "auth": "bearer", "secret": "x"}
        refused = await client.post("/api/v1/sites", json=body)
        assert place in refused.json()["error"]["message"]
        assert "Jira sites" in refused.json()["error"]["message"]
        assert refused.status_code == 502

        assert (await client.get(PATH)).json()["data"] == {"allowed": [], "by_operator": ["192.0.2.7"]}
        wanted = {"allowed": ["127.0.0.0/9", "Jira.Corp.", "jira.corp", ""]}
        kept = await client.put(PATH, json=wanted)
        assert kept.json()["data"]["allowed"] == ["127.0.0.0/9", "jira.corp"]
        assert (await guarded.get(idp.issuer)).status_code == 404
        # Another process would read the same row: nothing is kept in this one.
        assert (await client.put(PATH, json={"allowed": []})).json()["data"]["allowed"] == []
        async with http.client() as later:
            with pytest.raises(AddressRefused):
                await later.get(idp.issuer)
    async with db.transaction() as session:
        told = await session.execute(
            text("SELECT before, after FROM audit_entry WHERE action = 'setting.changed' ORDER BY id")
        )
        assert [tuple(row) for row in told] == [
            ({"allowed": []}, {"allowed": ["127.0.0.0/9", "jira.corp"]}),
            ({"allowed": ["127.0.0.0/9", "jira.corp"]}, {"allowed": []}),
        ]


async def test_lines_that_cannot_be_meant_are_named(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_here(monkeypatch)
    async with signed_in() as client:
        answer = await client.put(PATH, json={"allowed": ["10.0.0.1/8", "fine.corp", "http://x"]})
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["error"]["details"]] == ["allowed", "allowed"]
        assert "10.0.0.0/8" in answer.json()["error"]["details"][0]["message"]
        assert (await client.put(PATH, json={"allowed": ["10.0.0.0/8"] * 201})).status_code == 422
        assert (await client.get(PATH)).json()["data"]["allowed"] == []


async def test_a_stranger_is_told_no_address_of_our_network(
    pg_url: str, monkeypatch: pytest.MonkeyPatch, production: None
) -> None:
    use_here(monkeypatch)
    async with openid_provider() as idp, browser() as client:
        issuer = idp.issuer.replace("127.0.0.1", "localhost")
        await _allow(issuer.removeprefix("http://"))
        await set_up_oidc(issuer)
        await _allow()
        answer = await client.get("/session/sso/company/start")
        assert answer.status_code == 502
        assert "does not connect to localhost:" in answer.text
        assert "127.0.0.1" not in answer.text


async def _allow(*entries: str) -> None:
    async with db.transaction() as session:
        await outgoing.change(session, SYSTEM, allowed=entries, now=clock.now())


@pytest.mark.parametrize(
    ("preset", "field", "options"),
    [
        ("oidc", "issuer", {}),
        ("oauth2", "token_url", {"authorize_url": "https://id.example.org/a", "profile_url": "https://id.example.org/p"}),
        ("oauth2", "authorize_url", {"token_url": "https://id.example.org/t", "profile_url": "https://id.example.org/p"}),
    ],
)  # fmt: skip
async def test_a_provider_without_tls_is_kept_only_where_it_may_be_asked(
    pg_url: str,
    monkeypatch: pytest.MonkeyPatch,
    production: None,
    preset: str,
    field: str,
    options: dict[str, str],
) -> None:
    use_here(monkeypatch)
    async with signed_in() as client:

        async def kept(address: str) -> tuple[int, str]:
            given = {"client_id": "sprint", **options, field: address}
            body = {"name": address, "preset": preset, "options": given, "client_secret": "x"}
            answer = await client.post("/api/v1/sign-in-providers", json=body)
            (problem,) = answer.json()["error"]["details"] if answer.status_code == 422 else ({},)
            assert not problem or problem["field"] == field
            return answer.status_code, problem.get("message", "")

        for address in (
            "http://127.0.0.1:9999",
            "http://localhost:9999",
            "http://[::1]:9999",
            "http://10.1.2.3",
        ):
            status, why = await kept(address)
            assert status == 422, address
            assert "Jira sites" in why
        await _allow("localhost:9999", "10.0.0.0/8")
        assert (await kept("http://localhost:9999"))[0] == 201
        assert (await kept("http://10.1.2.3/realms/a"))[0] == 201
        assert (await kept("http://127.0.0.1:9999"))[0] == 422
        assert (await kept("http://192.0.2.7"))[0] == 201, "whoever runs the server allows it"
        status, why = await kept("http://no-such-name.invalid")
        assert (status, "is not known to this server" in why) == (422, True)


async def test_the_panel_shows_and_keeps(tab: Tab, production: None) -> None:
    await become(tab, await make(tab, "Adam", Role.ADMIN))
    await tab.open(Outgoing, "/sites")
    panel = tab.of(Outgoing)
    assert (panel.status, panel.lines, panel.by_operator, panel.may_change) == (
        "ready",
        "",
        ["192.0.2.7"],
        True,
    )
    await fire(panel, "keep", {"allowed": "jira.corp, 10.0.0.0/8\n\nfd00::7"})
    assert panel.lines == "jira.corp\n10.0.0.0/8\nfd00::7"
    await fire(panel, "keep", {"allowed": "https://jira.corp"})
    assert "“https://jira.corp” is neither a host name" in panel.complaint
    assert (await outgoing.read(tab.db, SYSTEM)).allowed == ("jira.corp", "10.0.0.0/8", "fd00::7")


async def test_who_may_not_change_settings_changes_nothing(tab: Tab) -> None:
    manager = Viewer(1, "Mia", "mia@x.test", Role.MANAGER)
    with pytest.raises(Forbidden):
        await outgoing.change(tab.db, manager, allowed=["10.0.0.0/8"], now=clock.now())
    assert (await outgoing.read(tab.db, SYSTEM)).allowed == ()


async def test_without_a_database_nothing_more_is_allowed(
    monkeypatch: pytest.MonkeyPatch, production: None
) -> None:
    for url in ("", "postgresql://nobody@127.0.0.1:1/none"):
        monkeypatch.setenv("SPRINTREPORTS_DATABASE_URL", url)
        settings_module.reload()
        async with http.client() as client:
            with pytest.raises(AddressRefused):
                await client.get("http://127.0.0.1:8000/")

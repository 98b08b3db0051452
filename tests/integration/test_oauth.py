"""Sign in with Atlassian, over HTTP against the stand-in: connect, read, renew, lose it, get it back."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import psycopg
import pytest

from sprintreports.demo.oauth import CLIENT_SECRET
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.permissions import Role
from sprintreports.jira import oauth_sites, sites, sync
from sprintreports.jira.errors import JiraForbidden, JiraUnavailable
from sprintreports.jira.oauth import ReconnectNeeded, open_granted
from sprintreports.jira.oauth.grants import unseal
from sprintreports.jira.oauth.protocol import callback_url
from sprintreports.jira.oauth.scopes import SCOPES
from sprintreports.jira.sync.engine import End
from sprintreports.kit import clock, db
from sprintreports.observability import logs
from tests.integration.oauth_support import (
    APP,
    SIGN_INS,
    Browser,
    browser,
    choose_all_boards,
    tally,
    use_as_atlassian,
)
from tests.integration.sync_support import one, rows, synced

pytestmark = pytest.mark.with_children


@pytest.fixture(scope="module")
def jira() -> Iterator[RunningDemo]:
    with running_demo(scale=0.05, seed="oauth") as demo:
        yield demo


@pytest.fixture
async def ada(jira: RunningDemo, pg_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    use_as_atlassian(jira, monkeypatch)
    async with browser() as someone:
        yield someone


async def connected(ada: Browser) -> int:
    found = await ada.sign_in()
    assert found["stage"] == "connected", found
    return found["site_id"]


async def test_connect_sync_and_links_to_the_site_itself(ada: Browser, jira: RunningDemo, pg_url: str):
    app = (await ada.client.get("/api/v1/oauth/atlassian")).json()["data"]
    assert app["callback_url"] == callback_url()
    assert [scope["name"] for scope in app["scopes"]] == [scope.name for scope in SCOPES]
    assert all(scope["reason"] for scope in app["scopes"])
    site_id = await connected(ada)
    site = (await ada.client.get(f"/api/v1/sites/{site_id}")).json()["data"]
    assert (site["base_url"], site["auth"], site["account"]) == (jira.base_url, "oauth", "Demo Account")
    assert site["name"] == "Demo company"
    await choose_all_boards(site_id)
    outcome = await synced(site_id)
    assert (outcome.end, outcome.error) == (End.DONE, None)
    assert outcome.issues > 100
    tested = (await ada.client.post(f"/api/v1/sites/{site_id}/test")).json()["data"]
    assert tested["ok"] is True
    shown = (await ada.client.get(f"/api/v1/sites/{site_id}/oauth")).json()["data"]
    assert shown["grant"]["problem"] == ""
    assert set(shown["grant"]["scopes"]) == {scope.name for scope in SCOPES}
    async with db.transaction() as session:
        assert await sync.due(session, every_minutes=1, now=clock.now() + timedelta(hours=1)) == [site_id]


async def test_a_state_is_good_once_for_one_person_in_one_browser(ada: Browser, jira: RunningDemo):
    begun = await ada.begin()
    back = await ada.consent(begun["authorize_url"])
    async with browser("ada") as other_browser, browser("bob") as other_person:
        for stranger in (other_browser, other_person):
            answer = await stranger.client.get(back)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
        assert (await other_person.client.get(f"{SIGN_INS}/{begun['request_id']}")).status_code == 404
    forged = await ada.client.get("/api/v1/oauth/atlassian/callback?state=forged&code=x")
    assert forged.status_code == 403
    before = await tally(jira)
    assert (await ada.client.get(back)).status_code == 303
    # Reloaded, or stolen from the history: nothing is asked of Atlassian again, and nothing is connected twice.
    assert (await ada.client.get(back)).status_code == 303
    after = await tally(jira)
    assert (after["exchanged"] - before["exchanged"], after["refused"]) == (1, before["refused"])
    assert len((await ada.client.get("/api/v1/sites")).json()["data"]) == 1


async def test_without_a_session_the_way_back_leads_to_the_sign_in(ada: Browser):
    begun = await ada.begin()
    back = await ada.consent(begun["authorize_url"])
    ada.client.cookies.clear()
    answer = await ada.client.get(back)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


async def test_ten_minutes_are_enough_and_all_there_is(ada: Browser, pg_url: str):
    begun = await ada.begin()
    back = await ada.consent(begun["authorize_url"])
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE oauth_request SET expires_at = expires_at - interval '10 minutes'")
    assert (await ada.client.get(back)).status_code == 303
    found = (await ada.client.get(f"{SIGN_INS}/{begun['request_id']}")).json()["data"]
    assert found["stage"] == "failed"
    assert "ten minutes" in found["problem"]
    assert one(pg_url, "SELECT client_secret, verifier, tokens FROM oauth_request") == (None, None, None)
    async with db.transaction() as session:
        await oauth_sites.purge(session, now=clock.now() + timedelta(days=2))
    assert one(pg_url, "SELECT count(*) FROM oauth_request") == 0


async def test_a_code_that_was_used_elsewhere_connects_nothing(ada: Browser, jira: RunningDemo):
    first, second = await ada.begin(), await ada.begin()
    stolen = await ada.consent(first["authorize_url"])
    code = stolen.partition("code=")[2].partition("&")[0]
    state = (await ada.consent(second["authorize_url"])).partition("state=")[2].partition("&")[0]
    # A code of another sign-in does not fit this one's verifier: PKCE.
    await ada.client.get(f"/api/v1/oauth/atlassian/callback?state={state}&code={code}")
    found = (await ada.client.get(f"{SIGN_INS}/{second['request_id']}")).json()["data"]
    assert (found["stage"], found["site_id"]) == ("failed", None)
    assert "Atlassian refused the sign-in" in found["problem"]
    assert (await ada.client.get("/api/v1/sites")).json()["data"] == []


async def test_who_says_no_or_brings_a_wrong_app_is_told_so(ada: Browser, jira: RunningDemo):
    jira.atlassian(deny=True)
    said_no = await ada.sign_in()
    assert (said_no["stage"], "did not allow" in said_no["problem"]) == ("failed", True)
    jira.atlassian(deny=False)
    wrong = await ada.sign_in(client_secret="not-it-" + "x" * 30)
    assert (wrong["stage"], "client ID and secret" in wrong["problem"]) == ("failed", True)
    jira.atlassian(withhold=["read:sprint:jira-software"])
    lacking = await ada.sign_in()
    assert "read:sprint:jira-software is missing" in lacking["problem"]
    jira.atlassian(withhold=["offline_access"])
    short = await ada.sign_in()
    assert "no refresh token" in short["problem"]
    jira.atlassian(withhold=[])
    await connected(ada)
    again = await ada.sign_in()
    assert "connected already" in again["problem"]
    for incomplete in ({"client_id": ""}, {"client_secret": " "}):
        answer = await ada.client.post(SIGN_INS, json=APP | incomplete)
        assert answer.status_code == 422
    async with browser("eve", role=Role.MANAGER) as eve:
        assert (await eve.client.post(SIGN_INS, json=APP)).status_code == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/api/v1/sites", "/\\evil.example"]
)
async def test_the_way_back_leads_to_our_own_pages_only(ada: Browser, target: str):
    begun = await ada.begin(back=target)
    answer = await ada.client.get(await ada.consent(begun["authorize_url"]))
    assert answer.headers["Location"] == f"/sites?oauth={begun['request_id']}"


async def test_of_several_sites_one_is_chosen(ada: Browser, jira: RunningDemo):
    jira.atlassian(sites=3)
    found = await ada.sign_in(name="Chosen", back="/setup")
    assert (found["stage"], found["site_id"]) == ("choose", None)
    assert [choice["name"] for choice in found["choices"]] == [
        "Demo company",
        "Other company 2",
        "Other company 3",
    ]
    path = f"{SIGN_INS}/{found['request_id']}/choice"
    assert (await ada.client.post(path, json={"cloud_id": "nobody"})).status_code == 422
    made = (await ada.client.post(path, json={"cloud_id": "standin-cloud-2"})).json()["data"]
    assert (made["stage"], made["choices"]) == ("connected", [])
    site = (await ada.client.get(f"/api/v1/sites/{made['site_id']}")).json()["data"]
    assert (site["name"], site["base_url"]) == ("Chosen", "https://other-2.atlassian.example")
    # The choice is made once; its tokens are the site's now.
    again = (await ada.client.post(path, json={"cloud_id": "standin-cloud-3"})).json()["data"]
    assert again["site_id"] == made["site_id"]
    # Who signs in again without access to that site is told so, and what there was stays.
    jira.atlassian(sites=1)
    elsewhere = await ada.sign_in(client_id="", client_secret="", site_id=made["site_id"])
    assert elsewhere["stage"] == "failed"
    assert "not to https://other-2.atlassian.example" in elsewhere["problem"]


async def test_two_workers_renew_once(ada: Browser, jira: RunningDemo, pg_url: str):
    site_id = await connected(ada)
    clients = [await open_granted(site_id) for _ in range(4)]
    jira.atlassian(expire=True)
    before = await tally(jira)
    people = await asyncio.gather(*(client.myself() for client in clients for _ in range(3)))
    assert {person.display_name for person in people} == {"Demo Account"}
    after = await tally(jira)
    assert (after["refreshed"] - before["refreshed"], after["refused"]) == (1, before["refused"])
    # Before its end a token is renewed without any refusal by Jira.
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE oauth_grant SET expires_at = now() + interval '4 minutes'")
    fresh = await open_granted(site_id)
    assert (await tally(jira))["refreshed"] - after["refreshed"] == 1
    for client in (*clients, fresh):
        await client.aclose()


async def test_a_renewal_is_kept_though_the_work_that_asked_for_it_fails(
    ada: Browser, jira: RunningDemo, pg_url: str
):
    site_id = await connected(ada)
    stored = one(pg_url, "SELECT refresh_token FROM oauth_grant")
    jira.atlassian(expire=True)

    async def page_that_fails() -> None:
        async with db.transaction() as session:
            site = await sites.load(session, site_id)
            site.name = "Never kept"
            await session.flush()
            await (await sites.open_client(site)).aclose()
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await page_that_fails()
    assert one(pg_url, "SELECT refresh_token FROM oauth_grant") != stored
    assert one(pg_url, "SELECT name FROM site") == "Demo company"
    client = await open_granted(site_id)
    await client.aclose()


async def test_a_token_endpoint_that_is_down_is_no_end_of_the_grant(
    ada: Browser, jira: RunningDemo, pg_url: str
):
    site_id = await connected(ada)
    jira.atlassian(expire=True)
    jira.faults({"path_prefix": "/oauth/token", "status": 503, "times": 1})
    with pytest.raises(JiraUnavailable):
        await open_granted(site_id)
    assert one(pg_url, "SELECT problem FROM oauth_grant") == ""
    client = await open_granted(site_id)
    await client.aclose()


async def test_access_that_was_taken_back_is_said_kindly_and_given_again(
    ada: Browser, jira: RunningDemo, pg_url: str
):
    site_id = await connected(ada)
    await choose_all_boards(site_id)
    jira.atlassian(revoke=True)
    outcome = await synced(site_id)
    assert outcome.end is End.FAILED
    assert "sign in with Atlassian again" in (outcome.error or "")
    assert outcome.passing is False
    site = (await ada.client.get(f"/api/v1/sites/{site_id}")).json()["data"]
    assert (site["status"], site["status_message"]) == ("problem", outcome.error)
    shown = (await ada.client.get(f"/api/v1/sites/{site_id}/oauth")).json()["data"]
    assert shown["grant"]["problem"] == outcome.error
    refused = (await tally(jira))["refused"]
    with pytest.raises(ReconnectNeeded):
        await open_granted(site_id)
    assert (await tally(jira))["refused"] == refused  # nobody knocks again in vain
    tested = (await ada.client.post(f"/api/v1/sites/{site_id}/test")).json()["data"]
    assert (tested["ok"], tested["summary"]) == (False, outcome.error)
    # The stored app is used where none is entered, and another site's sign-in does not fit.
    jira.atlassian(sites=2)
    found = await ada.sign_in(client_id="", client_secret="", site_id=site_id, back=f"/site?site={site_id}")
    assert (found["stage"], found["site_id"]) == ("connected", site_id)
    assert (await synced(site_id)).end is End.DONE
    assert (await ada.client.get(f"/api/v1/sites/{site_id}")).json()["data"]["status"] == "connected"


async def test_a_refresh_token_that_comes_twice_ends_the_grant(ada: Browser, jira: RunningDemo, pg_url: str):
    site_id = await connected(ada)
    copied = rows(pg_url, "SELECT access_token, refresh_token, expires_at FROM oauth_grant")[0]
    jira.atlassian(expire=True)
    await (await open_granted(site_id)).aclose()
    with psycopg.connect(pg_url) as database:  # as from a backup of yesterday
        database.execute(
            "UPDATE oauth_grant SET access_token = %s, refresh_token = %s, expires_at = now()", copied[:2]
        )
    with pytest.raises(ReconnectNeeded, match="sign in with Atlassian again"):
        await open_granted(site_id)
    assert "taken back" in one(pg_url, "SELECT problem FROM oauth_grant")


async def test_what_no_scope_covers_is_refused_without_ending_anything(ada: Browser, jira: RunningDemo):
    site_id = await connected(ada)
    before = await tally(jira)
    client = await open_granted(site_id)
    with pytest.raises(JiraForbidden, match="a permission is missing"):
        await client.sprint_report(1, 1)
    await client.aclose()
    assert (await tally(jira))["refreshed"] == before["refreshed"]


async def test_a_site_can_change_between_token_and_sign_in(ada: Browser, jira: RunningDemo, pg_url: str):
    token = {"base_url": jira.base_url, "auth": "basic", "account": jira.email, "secret": jira.token}
    site = (await ada.client.post("/api/v1/sites", json=token)).json()["data"]
    assert (await ada.client.get(f"/api/v1/sites/{site['id']}/oauth")).json()["data"] == {
        "grant": None,
        "webhook": None,
    }
    assert (await ada.client.put(f"/api/v1/sites/{site['id']}/oauth/webhook")).status_code == 409
    assert (await ada.sign_in(site_id=site["id"]))["site_id"] == site["id"]
    assert one(pg_url, "SELECT auth, secret FROM site") == ("oauth", None)
    refused = await ada.client.patch(f"/api/v1/sites/{site['id']}", json={"auth": "oauth", "secret": "x"})
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "auth")
    back = await ada.client.patch(f"/api/v1/sites/{site['id']}", json=token)
    assert back.status_code == 200, back.text
    assert one(pg_url, "SELECT auth, secret IS NOT NULL FROM site") == ("basic", True)
    assert one(pg_url, "SELECT count(*) FROM oauth_grant") == 0


async def test_secrets_are_in_no_log_no_answer_and_no_plain_column(
    ada: Browser, jira: RunningDemo, pg_url: str, capfd: pytest.CaptureFixture[str]
):
    logs.configure("DEBUG")
    logging.getLogger().setLevel(logging.DEBUG)
    begun = await ada.begin()
    back = await ada.consent(begun["authorize_url"])
    await ada.client.get(back)
    found = (await ada.client.get(f"{SIGN_INS}/{begun['request_id']}")).json()["data"]
    site_id = found["site_id"]
    jira.atlassian(expire=True)
    client = await open_granted(site_id)
    await client.myself()
    await client.aclose()
    wrong = await ada.sign_in(client_secret="wrong-" + CLIENT_SECRET, name="Wrong")
    jira.atlassian(revoke=True, expire=True)
    with pytest.raises(ReconnectNeeded) as caught:
        await open_granted(site_id)
    paths = (
        f"/api/v1/sites/{site_id}",
        f"/api/v1/sites/{site_id}/oauth",
        f"{SIGN_INS}/{begun['request_id']}",
    )
    shown = [(await ada.client.get(path)).text for path in paths]
    answers = [wrong, str(caught.value), repr(caught.value), *shown]
    with psycopg.connect(pg_url) as database:
        secrets = {CLIENT_SECRET, back.partition("code=")[2].partition("&")[0]}
        for access, refresh in database.execute("SELECT access_token, refresh_token FROM oauth_grant"):
            secrets |= {unseal(site_id, access), unseal(site_id, refresh)}
        dump = "".join(
            str(row)
            for table in ("oauth_grant", "oauth_request", "site", "procrastinate_jobs")
            for row in database.execute(f"SELECT {table}::text FROM {table}")
        )
    logging.getLogger().setLevel(logging.WARNING)
    written = capfd.readouterr()
    everything = "".join([written.out, written.err, dump, *map(str, answers)])
    assert "oauth_renewed" in written.err
    for secret in secrets:
        assert len(secret) > 15
        assert secret not in everything
        assert secret.encode().hex() not in everything

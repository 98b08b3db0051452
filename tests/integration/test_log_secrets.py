"""One person's whole way through the product, with the logs at their most talkative: none of its secrets is in them."""

from urllib.parse import quote

import httpx
import pytest
import structlog
from pyotp.totp import TOTP
from sqlalchemy import text

from sprintreports.identity import users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from sprintreports.observability import logs
from sprintreports.ui import account_routes, authorize_routes, invitation_routes, session_routes
from tests.applications import rest_app
from tests.integration.clients_support import BACK, HERE, TOKEN, exchange, landed, question

ADA, MIA = "ada@example.org", "mia@example.org"
FIRST, SECOND, WRONG = "tall green yak 7", "short blue crane 9", "wrong orange gnu 3"


async def _way(web: httpx.AsyncClient) -> dict[str, str]:
    """Sign in, invite, key, client, consent, tokens, second factor, new password. Returns every secret by its name."""
    secrets = {"first": FIRST, "second": SECOND, "wrong": WRONG}

    async def form(path: str, **fields: str) -> httpx.Response:
        answer = await web.post(path, data=fields)
        assert answer.status_code == 303, answer.text
        secrets.update({f"cookie {path}": value for name, value in web.cookies.items() if name != "tz"})
        return answer

    async def rest(path: str, body: object = None) -> dict[str, object]:
        answer = await web.post(f"/api/v1{path}", json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()["data"]

    await form("/session/sign-in", login=ADA, password=WRONG)
    await form("/session/sign-in", login=ADA, password=FIRST)
    invited = await rest("/invitations", {"email": MIA, "role": "manager", "name": "Mia"})
    secrets["link"] = str(invited["link"]["link"]).partition("#")[2]  # type: ignore[index,call-overload]
    key = await rest("/api-keys", {"name": "Export", "scopes": ["sprints:read"]})
    secrets["key"] = str(key["key"])
    asked = {"name": "Board", "scopes": ["sprints:read"], "confidential": True, "redirect_uris": [BACK]}
    client = await rest("/oauth-clients", asked)
    secrets["client"] = str(client["client_secret"])
    await web.get("/api/v1/sprints", headers={"X-API-Key": secrets["key"]})
    name = str(client["client_id"])
    allowed = await form("/authorize", **question(name), decision="allow")
    secrets["code"] = landed(allowed).fields["code"]
    shown = {"client_secret": secrets["client"]}
    for _ in range(2):  # the second one is refused, and says so in the log
        found = (await web.post(TOKEN, data={**exchange(name, secrets["code"]), **shown})).json()
        secrets |= {name: str(found[name]) for name in ("access_token", "refresh_token") if name in found}
    await web.get("/api/v1/sprints", headers={"Authorization": f"Bearer {secrets['access_token']}"})
    made = await rest("/users/me/second-factor")
    secrets["app"] = str(made["secret"])
    confirmed = {"code": TOTP(secrets["app"]).at(clock.now())}
    codes = (await rest("/users/me/second-factor/confirmation", confirmed))["recovery_codes"]
    secrets |= {f"recovery {at}": str(one) for at, one in enumerate(codes)}  # type: ignore[arg-type,call-overload]
    await form("/session/proof", password=FIRST, code=secrets["recovery 0"])
    await form("/session/password", current=FIRST, new=SECOND, again=SECOND)
    await form("/session/sign-out")
    await form("/session/sign-in", login=ADA, password=SECOND)
    await form("/session/second-factor", code=secrets["recovery 1"])
    web.cookies.clear()
    await form("/session/invitation", token=secrets["link"], password=WRONG + " and more")
    return secrets


async def test_no_secret_of_a_whole_way_is_logged_or_audited(
    pg_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with db.transaction() as session:
        await users.create(session, Viewer.system(), email=ADA, password=FIRST, role=Role.SUPER_ADMIN)
    app = rest_app(session_routes, account_routes, invitation_routes, authorize_routes)
    capfd.readouterr()
    before = structlog.get_config()
    logs.configure("DEBUG")
    try:
        transport = httpx.ASGITransport(app)
        async with http.client(base_url=HERE, transport=transport, headers={"Origin": HERE}) as web:
            secrets = await _way(web)
    finally:
        structlog.configure(**before)
    said = "".join(capfd.readouterr())
    for event in ("sign_in_failed", "signed_in", "user_created", "token_reused", '"request"'):
        assert event in said, "the way was logged"
    async with db.transaction() as session:
        told = (
            await session.execute(text("SELECT string_agg(audit_entry::text, ' ') FROM audit_entry"))
        ).scalar_one()
    for name, secret in secrets.items():
        assert secret not in said, name
        assert quote(secret) not in said, name
        assert secret not in told, name

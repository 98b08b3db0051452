"""nanoidp with the settings and people of ../shared/data/identity, by OpenID Connect and by SAML.

The twin with settings of our own is tests/integration/test_sso_nanoidp.py; oidc-provider is in tests/browser/test_sso.py.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sprintreports.identity import sessions
from tests.integration.nanoidp_support import nanoidp
from tests.integration.sso_support import browser, one_row, refusals, use_here
from tests.integration.test_sso_nanoidp import by_oidc, by_saml

pytestmark = pytest.mark.conformance


@pytest.fixture
def recorded(shared_data: Path, pg_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    use_here(monkeypatch)
    folder = shared_data / "identity"
    return {
        name: yaml.safe_load((folder / f"nanoidp-{name}.yaml").read_text()) for name in ("settings", "users")
    }


async def test_everybody_of_the_recording_signs_in(recorded: dict[str, Any], pg_url: str, tmp_path: Path):
    application = recorded["settings"]["oauth"]["clients"][0]
    values = {"client_id": application["client_id"], "client_secret": application["client_secret"]}
    with nanoidp(tmp_path, **recorded) as issuer:
        async with browser() as client:
            answer = await by_oidc(client, issuer, "testuser", "test123", **values)
            assert answer.status_code == 303, (answer.text, refusals(pg_url))
        async with browser() as client:
            answer = await by_saml(client, issuer, "admin", "admin")
            assert answer.status_code == 303, (answer.text, refusals(pg_url))
            assert sessions.COOKIE_NAME in client.cookies
    emails = one_row(pg_url, "SELECT array_agg(email ORDER BY email) FROM user_account")
    assert emails == (["admin@example.org", "test@example.org"],)

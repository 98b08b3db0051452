"""A key is made and revoked by its owner; a program is registered, asks for consent, and gets its code in a real browser."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD, READER
from tests.integration.clients_support import VERIFIER, challenge


@pytest.fixture
def landing() -> Iterator[tuple[str, list[str]]]:
    """A program that waits on a port of its own for the browser to come back, and what it was told."""
    told: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/done"):  # browsers ask for an icon too
                told.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"Thank you, you can go back.")

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/done", told
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_key_is_made_seen_once_used_and_revoked(guest, screenshots: Path):
    visitor = guest(**MODES["light"])
    page = visitor.sign_in(password=PASSWORD)
    page.wait_for_selector(".sprint-card")
    visitor.open("/profile?tab=keys")
    page.fill("#key-name", "Night shift")
    page.get_by_label("See boards, sprints and their numbers").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_text("never shown again")).to_be_visible()
    key = page.locator(".copyable code").inner_text()
    assert key.startswith("srk_")
    assert visitor.violations() == []
    page.screenshot(path=screenshots / "key-once.png", full_page=True)
    answer = page.request.get(f"{visitor.url}/api/v1/sprints", headers={"X-API-Key": key})
    assert answer.status == 200
    page.reload()
    row = page.get_by_role("row").filter(has_text="Night shift").first
    expect(row.get_by_text("Active")).to_be_visible()
    assert key not in page.content()
    row.get_by_role("button", name="Revoke").click()
    expect(row.get_by_text("Revoked")).to_be_visible()
    answer = page.request.get(f"{visitor.url}/api/v1/sprints", headers={"X-API-Key": key})
    assert answer.status == 401
    assert visitor.complaints == []


def test_a_mistake_is_told_beside_the_form(guest):
    visitor = guest(**MODES["phone"])
    page = visitor.sign_in(password=PASSWORD)
    page.wait_for_selector(".sprint-card")
    visitor.open("/profile?tab=keys")
    page.fill("#key-name", "Nothing chosen")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("alert")).to_contain_text("not valid")


def test_a_program_is_registered_and_let_in(guest, landing: tuple[str, list[str]], screenshots: Path):
    address, told = landing
    admin = guest(**MODES["light"])
    page = admin.sign_in(password=PASSWORD)
    page.wait_for_selector(".sprint-card")
    admin.open("/api-clients")
    page.fill("#client-name", "Wall board")
    page.select_option("#client-confidential", "no")
    page.fill("#client-addresses", "http://127.0.0.1/done")
    page.get_by_label("See boards, sprints and their numbers").check()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("It is registered")).to_be_visible()
    name = page.locator(".notice .copyable code").inner_text()
    card = page.get_by_role("article").filter(has_text="Wall board")
    expect(card).to_contain_text("Acts for people who allow it")
    page.screenshot(path=screenshots / "api-clients-once.png", full_page=True)
    assert admin.complaints == []

    reader = guest(**MODES["dark"])
    query = urlencode({
        "response_type": "code", "client_id": name, "redirect_uri": address, "scope": "sprints:read", "state": "s 1",
        "code_challenge": challenge(), "code_challenge_method": "S256",
    })  # fmt: skip
    page = reader.open(f"/authorize?{query}")
    expect(page.locator("input[name=next]")).to_have_value(f"/authorize?{query}")
    page.fill("#login", READER)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    expect(page.get_by_role("heading")).to_contain_text("Wall board wants to use Sprint Reports in your name")
    assert reader.violations() == []
    page.screenshot(path=screenshots / "consent-dark.png", full_page=True)
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    fields = {key: values[0] for key, values in parse_qs(urlsplit(told[0]).query).items()}
    assert (fields["state"], fields["iss"]) == ("s 1", reader.url)
    form = {
        "grant_type": "authorization_code",
        "client_id": name,
        "redirect_uri": address,
        "code": fields["code"],
    }
    got = page.request.post(f"{reader.url}/api/v1/auth/token", form={**form, "code_verifier": VERIFIER})
    assert got.json()["scope"] == "sprints:read"

    page = reader.open(f"/authorize?{query}")
    page.set_viewport_size(MODES["phone"]["viewport"])
    page.screenshot(path=screenshots / "consent-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Do not allow").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    assert "error=access_denied" in told[-1]
    assert reader.complaints == []

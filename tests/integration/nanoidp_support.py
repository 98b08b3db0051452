"""nanoidp, an identity provider that is not ours, in a process of its own; and somebody who signs in there without a browser."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import yaml
from lxml import html

from sprintreports.kit import http
from sprintreports.kit.embedded import free_port
from tests import programs

CLIENT_ID, CLIENT_SECRET = "sprint", "a-secret-of-the-tests"  # nanoidp does not decode HTTP Basic
NINA = {
    "password": "nina",
    "email": "nina@example.org",
    "roles": ["USER"],
    "groups": ["leads"],
    "tenant": "default",
}


@contextmanager
def nanoidp(
    folder: Path, *, settings: dict[str, Any] | None = None, users: dict[str, Any] | None = None
) -> Iterator[str]:
    """OpenID Connect at the address that is given, SAML at `/saml` below it. By default there is Nina."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "description": "Sprint Reports"}
    chosen = settings or {
        "config_version": 1,
        "oauth": {"audience": "my-app", "clients": [client]},
        "saml": {"export_groups": True, "groups_attr_name": "groups"},
    }
    chosen = {
        **chosen,
        "server": {"host": "127.0.0.1", "port": port},
        "oauth": {**chosen["oauth"], "issuer": issuer},
    }
    people = users or {"config_version": 1, "users": {"nina": NINA}}
    (folder / "settings.yaml").write_text(yaml.safe_dump(chosen))
    (folder / "users.yaml").write_text(yaml.safe_dump(people))
    program = Path(sys.executable).parent / "nanoidp"
    command = [str(program), "--config", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, folder, f"{issuer}/.well-known/openid-configuration"):
        yield issuer


@contextmanager
def running(command: list[str], folder: Path, address: str) -> Iterator[None]:
    """A server until the end, from when it answers."""
    log = folder / "output.log"
    with programs.running(command, log=log, cwd=folder) as process:
        programs.wait_for(address, process, log)
        yield


async def sign_in_there(
    address: str, name: str, password: str
) -> httpx.Response | tuple[str, dict[str, str]]:
    """Go to the provider and sign in: its redirect back to us, or, of SAML, where its page posts and what."""
    async with http.client() as outside:
        answer = await outside.get(address)
        for _ in range(6):
            while answer.is_redirect and _is_theirs(answer.headers["Location"], address):
                answer = await outside.get(urljoin(str(answer.url), answer.headers["Location"]))
            if answer.is_redirect:
                return answer
            assert answer.status_code == 200, answer.text[:500]
            form = _form(answer.text)
            if "SAMLResponse" in form.fields:
                return form.action, dict(form.fields)
            filled = {key: value or "" for key, value in form.fields.items()}
            filled |= {"username": name, "password": password}
            answer = await outside.post(urljoin(str(answer.url), form.action or str(answer.url)), data=filled)
    raise AssertionError("the provider asks and asks")


def _form(text: str) -> Any:
    """The form with a password, or the one that is posted by itself."""
    forms = html.fromstring(text).forms
    return next((one for one in forms if {"password", "SAMLResponse"} & set(one.fields.keys())), forms[0])


def _is_theirs(location: str, address: str) -> bool:
    return urlsplit(urljoin(address, location)).netloc == urlsplit(address).netloc

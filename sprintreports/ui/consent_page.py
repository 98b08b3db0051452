"""The page on which a person lets a program in, or does not: plain HTML without any script."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

from sprintreports.identity import tokens
from sprintreports.identity.clients import redirects
from sprintreports.identity.clients.authorizing import Request
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.ui.scope_words import WORDS

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --back: #f4f3ef; --card: #fffefb; --line: #e1ded5; --soft: #555b66; --main: #0a665a }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9ebee; --back: #121519; --card: #191d22; --line: #2c323a; --soft: #a6aeba; --main: #5ec7b2 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--back);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 30rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.5rem; overflow-wrap: anywhere }
h1 { font-size: 1.25rem; margin: 0 0 .75rem } p { margin: .5rem 0 } .soft { color: var(--soft); font-size: .9rem }
ul { margin: .75rem 0; padding-left: 1.25rem } form { display: flex; gap: .75rem; flex-wrap: wrap; margin-top: 1.25rem }
button { font: inherit; padding: .55rem 1.1rem; border-radius: 8px; border: 1px solid var(--line); cursor: pointer;
  background: transparent; color: var(--ink) }
button.main { background: var(--main); border-color: var(--main); color: var(--card) }
button:focus-visible, a:focus-visible { outline: 2px solid var(--main); outline-offset: 2px } a { color: var(--main) }
"""
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()


def policy(redirect_uri: str = "") -> str:
    """The page's Content-Security-Policy: browsers hold a form's redirect against `form-action` too."""
    source = redirects.origin(redirect_uri) if redirect_uri else ""
    if "[" in source:  # the policy's grammar has no IPv6 addresses
        source = "http:"
    return (
        f"default-src 'none'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self' {source}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def consent(
    request: Request, viewer: Viewer, offered: Iterable[Permission], query: Iterable[tuple[str, str]]
) -> str:
    """Who asks, for what, in whose name, and where the answer goes."""
    items = "".join(f"<li>{escape(WORDS[scope])}</li>" for scope in sorted(offered))
    name = escape(request.client.name)
    hidden = "".join(
        f'<input type="hidden" name="{escape(key)}" value="{escape(value)}">' for key, value in query
    )
    person = escape(f"{viewer.name} ({viewer.email})")
    return _page(
        f"{name} asks for access",
        f"""<h1>{name} wants to use Sprint Reports in your name</h1>
<p>You are signed in as {person}. If you allow it, {name} may:</p>
<ul>{items}</ul>
<p>This holds for {tokens.FAMILY_LIFETIME.days} days at most, and ends earlier when you change your password or an admin ends it.
It never learns your password, and can never do more than you may yourself.</p>
<p class="soft">You go on to <strong>{escape(_place(request.redirect_uri))}</strong>. Allow it only if you came from
there just now and know the program.</p>
<form method="post" action="/authorize">{hidden}
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Do not allow</button></form>""",
    )


def problem(message: str) -> str:
    """A request that cannot be trusted: nobody is sent anywhere."""
    return _page(
        "This did not work",
        f'<h1>This program cannot be let in</h1><p>{escape(message)}</p><p><a href="/">To Sprint Reports</a></p>',
    )


def _place(address: str) -> str:
    parts = urlsplit(address)
    return parts.netloc or f"the app that opens {parts.scheme}: addresses"


def _page(title: str, content: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/favicon.svg"><title>{title} · Sprint Reports</title><style>{_STYLE}</style></head><body><main>{content}</main></body></html>
"""

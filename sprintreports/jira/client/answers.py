"""What an answer of Jira means: its body, or which failure it is, in a sentence that says what to do next."""

import re
from urllib.parse import urlsplit

import httpx
import msgspec

from sprintreports.jira.errors import (
    JiraAnswerInvalid,
    JiraError,
    JiraForbidden,
    JiraGone,
    JiraNotFound,
    JiraRateLimited,
    JiraRefused,
    JiraSignInFailed,
    JiraUnavailable,
    JiraUnreachable,
    NotAJira,
)
from sprintreports.jira.payloads import ErrorPayload

_SAID_LIMIT = 300
_TOO_MANY = 429
_SERVER_ERROR = 500
# What the system says about a connection that was never made, and what that means.
_OBSTACLES = {
    "certificate": "its certificate is not trusted by this server",
    "name or service": "this server knows no such name",
    "name resolution": "the names of the network cannot be looked up right now",
    "nodename": "this server knows no such name",
    "no address associated": "this server knows no such name",
    "attempts failed": "nothing answers there",
    "refused": "nothing answers there",
}
_SIGN_IN = re.compile(r"/(login|signin|sign-in|oauth|saml|sso|idp|id\.atlassian)", re.IGNORECASE)


def body_of(response: httpx.Response, *, base_url: str, endpoint: str) -> bytes:
    """The JSON body of a good answer. Raises the JiraError that the answer is."""
    if response.is_redirect:
        raise _redirected(response, base_url)
    if not response.is_success:
        raise failure_of(response, base_url=base_url, endpoint=endpoint)
    # Jira answers some calls as nobody when it does not know the token: it says so in this header alone.
    if response.headers.get("X-Seraph-LoginReason", "").upper() in (
        "AUTHENTICATED_FAILED",
        "AUTHENTICATION_DENIED",
    ):
        raise JiraSignInFailed(_sign_in_sentence(response, base_url))
    content_type = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if content_type and "json" not in content_type:
        raise _not_json(base_url, endpoint, content_type)
    if not response.content.strip():
        raise JiraAnswerInvalid(endpoint, "it is empty")
    return response.content


def failure_of(response: httpx.Response, *, base_url: str, endpoint: str) -> JiraError:
    """Which failure an answer without success is."""
    said = said_by(response)
    match response.status_code:
        case 401 if _wants_captcha(response):
            return JiraSignInFailed(_captcha_sentence(base_url))
        case 401:
            return JiraSignInFailed(_sign_in_sentence(response, base_url))
        case 403:
            return _forbidden(response, base_url, endpoint, said)
        case 404:
            return JiraNotFound(f"{base_url} has no {endpoint}, or does not show it to this account{said}.")
        case 407:
            return JiraUnreachable(
                f"A proxy between this server and {base_url} wants a sign-in of its own. Let the proxy pass requests to this "
                "address without one."
            )
        case 410:
            return JiraGone(
                f"{base_url} has turned {endpoint} off{said}. Update Sprint Reports to a version that does without it."
            )
        case 429:
            reason = response.headers.get("RateLimit-Reason")
            return JiraRateLimited(rate_limited_sentence(base_url, None), reason=reason)
        case status if status >= _SERVER_ERROR:
            return JiraUnavailable(
                f"{base_url} failed with status {status} on {endpoint}{said}. It was asked several times; "
                "the last good data stays. Start the sync again later: it goes on from here."
            )
        case status:
            return JiraRefused(
                f"{base_url} refused {endpoint} with status {status}{said}. "
                "Check the board's filter and the field mapping, then start the sync again."
            )


def said_by(response: httpx.Response) -> str:
    """Jira's own words in an error answer, shortened, as the end of a clause; empty where there are none."""
    try:
        payload = msgspec.json.decode(response.content, type=ErrorPayload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    words = [*payload.error_messages, *(str(text) for text in payload.errors.values()), payload.message or ""]
    text = " ".join(" ".join(word.split()) for word in words if word).rstrip(".")
    return f": “{text[:_SAID_LIMIT]}”" if text else ""


def unreachable_sentence(base_url: str, endpoint: str, error: httpx.TransportError) -> str:
    """A connection that failed, in words."""
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ConnectError):
        return (
            f"{base_url} cannot be reached{_obstacle(error)}. Check the address, and that this server may connect to it "
            "(firewall, proxy, name resolution, certificate)."
        )
    if isinstance(error, httpx.TimeoutException):
        return f"{base_url} took too long to answer {endpoint}. Try again later, or raise SPRINTREPORTS_JIRA_TIMEOUT_SECONDS."
    return (
        f"{base_url} broke the connection off while answering {endpoint} ({type(error).__name__}). "
        "Nothing of the answer was stored. Try again; if this stays, look at what is between this server and Jira."
    )


def _obstacle(error: httpx.TransportError) -> str:
    """What stood in the way, in words, where the system's own words tell; empty where they do not."""
    said = str(error).lower()
    return next((f": {words}" for sign, words in _OBSTACLES.items() if sign in said), "")


def rate_limited_sentence(base_url: str, wait: float | None) -> str:
    """A limit that outlasts our patience, in words."""
    pause = f"for {round(wait)} seconds" if wait else "for longer than a sync waits"
    return (
        f"{base_url} asks us to pause {pause}. What was read is stored; the next sync goes on from there. "
        "If this comes often, sync less often or with fewer boards."
    )


def looks_like_sign_in(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_SIGN_IN.search(f"/{parts.hostname or ''}{parts.path}"))


def _redirected(response: httpx.Response, base_url: str) -> JiraError:
    target = response.url.join(response.headers.get("Location", ""))
    where = f"{target.scheme}://{target.netloc.decode()}{target.path}"
    if looks_like_sign_in(where):
        return JiraSignInFailed(
            f"{base_url} sends us to a sign-in page ({where}) instead of answering. Check the token, and that the "
            "single sign-on in front of Jira lets API tokens through."
        )
    return NotAJira(
        f"{base_url} redirects to {where}. The credentials were not sent there. "
        "If that is your Jira, enter that address for the site."
    )


def _forbidden(response: httpx.Response, base_url: str, endpoint: str, said: str) -> JiraError:
    if _wants_captcha(response):
        return JiraSignInFailed(_captcha_sentence(base_url))
    if response.headers.get("X-Seraph-LoginReason", "").upper() in (
        "AUTHENTICATED_FAILED",
        "AUTHENTICATION_DENIED",
    ):
        return JiraSignInFailed(_sign_in_sentence(response, base_url))
    return JiraForbidden(
        f"This account may not read {endpoint} at {base_url}{said}. "
        "Ask a Jira admin for “Browse projects” and for access to the board and its filter."
    )


def _wants_captcha(response: httpx.Response) -> bool:
    return "CAPTCHA" in response.headers.get("X-Authentication-Denied-Reason", "").upper()


def _captcha_sentence(base_url: str) -> str:
    return (
        f"{base_url} wants this account to solve a CAPTCHA after several wrong sign-ins. "
        "Sign in to Jira with it in a browser once, then try again."
    )


def _sign_in_sentence(response: httpx.Response, base_url: str) -> str:
    return (
        f"{base_url} does not accept this account and token{said_by(response)}. On Cloud use the account's e-mail "
        "address and an API token, on Data Center a personal access token, and enter it at the site again."
    )


def _not_json(base_url: str, endpoint: str, content_type: str) -> JiraError:
    if content_type in ("text/html", "application/xhtml+xml"):
        return NotAJira(
            f"{base_url} answered {endpoint} with a web page instead of data. Check the address (with its context "
            "path, such as /jira, but without /browse), and that no sign-in page or proxy stands before Jira."
        )
    return JiraAnswerInvalid(endpoint, f"it is {content_type} and not JSON")

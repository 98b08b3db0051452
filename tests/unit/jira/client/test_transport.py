import httpx
import pytest

from sprintreports.jira import errors
from sprintreports.jira.client import Auth, Credentials
from sprintreports.jira.client.transport import endpoint_of

JSON = {"Content-Type": "application/json"}


def answer(*responses):
    """A handler that gives these responses (or raises these errors) in order, and remembers the requests."""
    requests: list[httpx.Request] = []

    def handler(request):
        requests.append(request)
        response = responses[min(len(requests), len(responses)) - 1]
        if isinstance(response, Exception):
            raise response
        return response

    handler.requests = requests
    return handler


async def test_a_good_answer_is_parsed_and_signed_in(transport_to):
    handler = answer(httpx.Response(200, json={"a": 1}))
    assert await transport_to(handler).get("/rest/api/3/myself", dict[str, int]) == {"a": 1}
    assert handler.requests[0].headers["Authorization"].startswith("Basic ")


async def test_every_request_says_who_asks_and_brings_back_its_cookies(transport_to):
    """Data Center makes a session for each request that brings none."""
    handler = answer(
        httpx.Response(200, json=[], headers={"Set-Cookie": "JSESSIONID=one; Path=/"}),
        httpx.Response(200, json=[]),
    )
    transport = transport_to(handler)
    await transport.get("/rest/a b", list[int], {"jql": "key in (A-1, Ü-2)", "startAt": 0, "id": [1, 2]})
    await transport.post("/rest/c", list[int], {"x": 1})
    first, second = handler.requests
    assert first.url.params.multi_items() == [
        ("jql", "key in (A-1, Ü-2)"), ("startAt", "0"), ("id", "1"), ("id", "2")
    ]  # fmt: skip
    assert first.url.path == "/rest/a b"
    assert second.headers["Cookie"] == "JSESSIONID=one"
    assert (second.headers["Content-Type"], second.content) == ("application/json", b'{"x":1}')
    for request in (first, second):
        assert request.headers["User-Agent"].startswith("SprintReports/")
        assert request.headers["Accept"] == "application/json"
        assert request.extensions["timeout"]["read"] > 0


async def test_a_bearer_token_is_sent_as_one():
    assert Credentials(Auth.BEARER, "", "pat").header() == "Bearer pat"


def test_the_secret_does_not_show_in_a_repr():
    assert "pat-123" not in repr(Credentials(Auth.BEARER, "", "pat-123"))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_passing_failures_are_tried_again_with_growing_waits(transport_to, sleeps, status):
    handler = answer(httpx.Response(status), httpx.Response(status), httpx.Response(200, json=[1]))
    assert await transport_to(handler).get("/x", list[int]) == [1]
    assert len(handler.requests) == 3
    first, second = sleeps.slept
    assert 0.25 <= first <= 0.5
    assert 0.5 <= second <= 1.0


async def test_retry_after_is_obeyed_and_holds_the_next_request_back(transport_to, sleeps):
    handler = answer(httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200, json=[]))
    await transport_to(handler).get("/x", list[int])
    assert sleeps.slept[0] == 7


async def test_a_wait_beyond_our_patience_fails_at_once(transport_to, sleeps):
    handler = answer(
        httpx.Response(429, headers={"Retry-After": "3600", "RateLimit-Reason": "jira-quota-based"})
    )
    transport = transport_to(handler)
    with pytest.raises(errors.JiraRateLimited, match="goes on from there"):
        await transport.get("/x", list[int])
    with pytest.raises(errors.JiraRateLimited, match=r"pause for 3[56]"):
        await transport.get("/another", list[int])  # a quota is the whole account's
    assert len(handler.requests) == 1
    assert sleeps.slept == []


async def test_a_burst_limit_slows_its_own_endpoint_only(transport_to):
    def handler(request):
        if request.url.path == "/slow":
            return httpx.Response(
                429, headers={"Retry-After": "3600", "RateLimit-Reason": "jira-burst-based"}
            )
        return httpx.Response(200, json=[])

    transport = transport_to(handler)
    with pytest.raises(errors.JiraRateLimited):
        await transport.get("/slow", list[int])
    assert await transport.get("/quick", list[int]) == []


async def test_retries_are_bounded(transport_to, sleeps):
    handler = answer(httpx.Response(503, json={"errorMessages": ["maintenance"]}))
    with pytest.raises(errors.JiraUnavailable, match=r"status 503.*maintenance"):
        await transport_to(handler).get("/x", list[int])
    assert len(handler.requests) == 5


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (httpx.ConnectError("no route"), r"cannot be reached\. Check the address"),
        (
            httpx.ConnectError("[Errno -2] Name or service not known"),
            "cannot be reached: this server knows no such name",
        ),
        (httpx.ConnectError("All connection attempts failed"), "cannot be reached: nothing answers there"),
        (
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] x"),
            "cannot be reached: its certificate is not trusted",
        ),
        (httpx.ReadTimeout("slow"), "took too long"),
        (httpx.RemoteProtocolError("peer closed connection"), "broke the connection off"),
    ],
)
async def test_connections_that_fail_are_named(transport_to, failure, sentence):
    with pytest.raises(errors.JiraUnreachable, match=sentence):
        await transport_to(answer(failure)).get("/x", list[int])


@pytest.mark.parametrize(
    ("response", "error", "sentence"),
    [
        (httpx.Response(401), errors.JiraSignInFailed, "does not accept this account and token"),
        (httpx.Response(403, json={"errorMessages": ["nope"]}), errors.JiraForbidden, "Browse projects"),
        (
            httpx.Response(403, headers={"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=x"}),
            errors.JiraSignInFailed,
            "CAPTCHA",
        ),
        (httpx.Response(404), errors.JiraNotFound, "does not show it"),
        (httpx.Response(410), errors.JiraGone, "Update Sprint Reports"),
        (httpx.Response(400, json={"errors": {"jql": "bad"}}), errors.JiraRefused, "“bad”"),
        (httpx.Response(200, html="<html>"), errors.NotAJira, "web page instead of data"),
        (httpx.Response(200, text="hello"), errors.JiraAnswerInvalid, "text/plain and not JSON"),
        (httpx.Response(200, content=b"", headers=JSON), errors.JiraAnswerInvalid, "it is empty"),
        (
            httpx.Response(200, content=b"[1, 2, 3", headers=JSON),
            errors.JiraAnswerInvalid,
            "not complete JSON",
        ),
        (httpx.Response(200, content=b"\xff\xfe", headers=JSON), errors.JiraAnswerInvalid, "JSON"),
        (httpx.Response(200, json={"a": 1}), errors.JiraAnswerInvalid, "unexpected shape"),
        (
            httpx.Response(200, json=[], headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}),
            errors.JiraSignInFailed,
            "does not accept",
        ),
        (
            httpx.Response(302, headers={"Location": "https://id.example/login?x=1"}),
            errors.JiraSignInFailed,
            "sign-in page",
        ),
        (
            httpx.Response(301, headers={"Location": "https://elsewhere.example/"}),
            errors.NotAJira,
            "not sent there",
        ),
    ],
)
async def test_every_failure_is_a_sentence_that_says_what_to_do(transport_to, response, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        await transport_to(answer(response)).get("/rest/api/3/field", list[int])
    assert type(caught.value) is error
    assert caught.value.status == 502
    assert "s3cret" not in caught.value.message


async def test_a_redirect_within_the_origin_is_followed(transport_to):
    handler = answer(httpx.Response(302, headers={"Location": "/jira/x"}), httpx.Response(200, json=[3]))
    assert await transport_to(handler).get("/x", list[int]) == [3]
    assert handler.requests[1].url.path == "/jira/x"


async def test_credentials_never_go_to_another_host(transport_to):
    handler = answer(
        httpx.Response(302, headers={"Location": "https://evil.example/x"}), httpx.Response(200, json=[3])
    )
    with pytest.raises(errors.NotAJira):
        await transport_to(handler).get("/x", list[int])
    assert [request.url.host for request in handler.requests] == ["jira.example"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/rest/api/3/issue/bulkfetch", "/rest/api/3/issue/bulkfetch"),
        ("/rest/api/2/issue/ABC-1", "/rest/api/2/issue/{key}"),
        ("/rest/agile/1.0/board/84/sprint", "/rest/agile/1.0/board/{id}/sprint"),
        ("/rest/api/2/filter/10001", "/rest/api/2/filter/{id}"),
    ],
)
def test_endpoints_are_named_without_ids(path, name):
    assert endpoint_of(path) == name

"""Pagers that never end, in every way that one can: each list of both dialects refuses them."""

import httpx
import pytest

from sprintreports.jira import errors
from sprintreports.jira.client import IssueRef, agile, cloud, paging

BOUND = 40


@pytest.fixture(autouse=True)
def bounded(monkeypatch):
    """The bounds are far above any Jira: nearer ones show the same in a moment."""
    monkeypatch.setattr(paging, "MOST_PAGES", BOUND)
    for owner in (paging.Pages, paging.TokenPages):
        monkeypatch.setitem(owner.__init__.__kwdefaults__, "most", BOUND)
    monkeypatch.setattr(agile, "MOST_LISTS", BOUND)
    monkeypatch.setattr(cloud, "CHANGELOG_PAGES", BOUND)


def counting(answer):
    """A handler that knows how often it was asked."""

    def handler(request):
        handler.asked += 1
        return httpx.Response(200, json=answer(handler.asked, request))

    handler.asked = 0
    return handler


async def found(client):
    return [ref async for page in client.search("project = X") for ref in page]


def issue(number):
    return {"id": str(number), "key": f"X-{number}"}


def history(number):
    return {"id": str(number), "created": "2026-03-01T10:00:00.000+0000", "items": []}


def changelog(number, token):
    return {
        "issueChangeLogs": [{"issueId": "1", "changeHistories": [history(number)]}],
        "nextPageToken": token,
    }


TOKEN_SEARCHES = {
    "the same token": lambda asked, _: {"issues": [issue(asked)], "nextPageToken": "a", "isLast": False},
    "the same issues": lambda asked, _: {"issues": [issue(1)], "nextPageToken": str(asked)},
    "nothing at all": lambda asked, _: {"issues": [], "nextPageToken": str(asked), "isLast": False},
    "ever more": lambda asked, _: {"issues": [issue(asked)], "nextPageToken": str(asked), "isLast": False},
    "two in turn": lambda asked, _: {"issues": [issue(asked)], "nextPageToken": "ab"[asked % 2]},
}
CHANGELOGS = {
    # What Prism's mock of Atlassian's document does: the example page, for ever.
    "the example again": lambda _asked, _: changelog(1, "UxAQBFRF"),
    "the same with new tokens": lambda asked, _: changelog(1, str(asked)),
    "ever more": lambda asked, _: changelog(asked, str(asked)),
}
LISTS = {
    "never the last": lambda asked, _: {"values": [sprint(asked)], "isLast": False},
    "the same again": lambda _asked, _: {"values": [sprint(1)], "isLast": False},
    "a total that grows": lambda asked, _: {"values": [sprint(asked)], "total": asked + 1},
    "a total never reached": lambda asked, _: {"values": [sprint(asked)], "total": 10**9},
}


def sprint(number):
    return {"id": number, "name": f"Sprint {number}", "state": "closed"}


@pytest.mark.parametrize("answer", TOKEN_SEARCHES.values(), ids=TOKEN_SEARCHES)
async def test_clouds_search(client_to, answer):
    handler = counting(answer)
    with pytest.raises(errors.PagerNeverEnds, match="Nothing of it was stored"):
        await found(client_to(handler))
    assert handler.asked <= BOUND


@pytest.mark.parametrize("answer", CHANGELOGS.values(), ids=CHANGELOGS)
async def test_clouds_changelogs(client_to, answer):
    def both(asked, request):
        if request.url.path.endswith("/issue/bulkfetch"):
            return {"issues": [issue(1)]}
        return answer(asked, request)

    handler = counting(both)
    with pytest.raises(errors.PagerNeverEnds, match="changelog/bulkfetch"):
        await client_to(handler).issues([IssueRef(1)], fields=("summary",))
    assert handler.asked <= BOUND + 2


@pytest.mark.parametrize("dialect", ["cloud", "data center"])
@pytest.mark.parametrize("answer", LISTS.values(), ids=LISTS)
async def test_boards_and_sprints(client_to, answer, dialect):
    for ask in (lambda client: client.boards(), lambda client: client.sprints(7)):
        handler = counting(answer)
        with pytest.raises(errors.PagerNeverEnds):
            await ask(client_to(handler, cloud=dialect == "cloud"))
        assert handler.asked <= BOUND


async def test_data_centers_search_whose_total_grows(client_to):
    def answer(_asked, request):
        start = int(request.url.params["startAt"])
        return {"issues": [issue(start + 1), issue(start + 2)], "total": start + 3, "startAt": start}

    handler = counting(answer)
    with pytest.raises(errors.PagerNeverEnds):
        await found(client_to(handler, cloud=False))
    assert handler.asked <= BOUND


async def test_data_centers_search_that_repeats_itself(client_to):
    handler = counting(lambda *_: {"issues": [issue(1), issue(2)], "total": 9, "startAt": 0})
    with pytest.raises(errors.JiraAnswerInvalid):
        await found(client_to(handler, cloud=False))
    assert handler.asked <= BOUND


async def test_a_page_that_announces_another_without_a_token_is_no_end(client_to):
    handler = counting(lambda *_: {"issues": [issue(1)], "isLast": False})
    with pytest.raises(errors.JiraAnswerInvalid, match="does not say which"):
        await found(client_to(handler))


async def test_a_list_that_grows_a_little_while_it_is_read_is_read_to_its_end(client_to):
    def answer(_asked, request):
        start = int(request.url.params["startAt"])
        values = [sprint(number) for number in range(start, min(start + 50, 230))]
        return {"values": values, "startAt": start, "total": min(230, 200 + start // 10)}

    assert len(await client_to(counting(answer)).sprints(7)) == 230

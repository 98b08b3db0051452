from datetime import UTC, datetime

import httpx
import pytest

from sprintreports.jira import errors
from sprintreports.jira.client import IssueRef, datacenter


async def found(client):
    return [ref.id async for page in client.search("filter = 1") for ref in page]


class Shelf:
    """Issues in the order of a search, three to a page."""

    def __init__(self, numbers, *, page=3) -> None:
        self.numbers = list(numbers)
        self.page = page
        self.requests = []
        self.after_request = lambda _: None

    def __call__(self, request) -> httpx.Response:
        self.requests.append(request)
        start = int(request.url.params["startAt"])
        hits = self.numbers[start : start + self.page]
        issues = [{"id": str(number), "key": f"A-{number}"} for number in hits]
        answer = httpx.Response(200, json={"issues": issues, "total": len(self.numbers), "startAt": start})
        self.after_request(len(self.requests))
        return answer


async def test_search_pages_by_start_with_a_tiebreak(client_to):
    shelf = Shelf(range(1, 11))
    assert await found(client_to(shelf, cloud=False)) == list(range(1, 11))
    assert shelf.requests[0].url.params["jql"] == "filter = 1 ORDER BY created, key"


async def test_a_deletion_between_two_pages_loses_nothing(client_to):
    shelf = Shelf(range(1, 11))
    shelf.after_request = lambda count: shelf.numbers.remove(2) if count == 2 else None
    assert set(await found(client_to(shelf, cloud=False))) >= {1, *range(3, 11)}


async def test_an_insertion_between_two_pages_duplicates_nothing(client_to):
    shelf = Shelf(range(1, 11))
    shelf.after_request = lambda count: shelf.numbers.insert(0, 99) if count == 2 else None
    ids = await found(client_to(shelf, cloud=False))
    assert sorted(ids) == [*range(1, 11), 99]


async def test_a_list_that_never_rests_is_refused(client_to):
    shelf = Shelf(range(1, 11))
    shelf.after_request = lambda count: shelf.numbers.insert(0, 1000 + count)
    with pytest.raises(errors.JiraAnswerInvalid, match="kept changing"):
        await found(client_to(shelf, cloud=False))


async def test_an_order_comes_in_one_piece_and_is_read_again_where_it_moved(client_to):
    shelf = Shelf([5, 3, 9, 1, 7, 2, 8, 4])
    assert await client_to(shelf, cloud=False).ranked("filter = 1") == [5, 3, 9, 1, 7, 2, 8, 4]
    assert {request.url.params["jql"] for request in shelf.requests} == {
        "filter = 1 ORDER BY Rank ASC, key ASC"
    }
    assert {request.url.params["fields"] for request in shelf.requests} == {"key"}

    shelf = Shelf([5, 3, 9, 1, 7, 2, 8, 4])

    def drag_to_the_top(count):
        if count == 2:
            shelf.numbers.remove(8)
            shelf.numbers.insert(0, 8)

    shelf.after_request = drag_to_the_top
    assert await client_to(shelf, cloud=False).ranked("filter = 1") == [8, 5, 3, 9, 1, 7, 2, 4]
    assert await client_to(Shelf([]), cloud=False).ranked("filter = 1") == []


async def test_an_order_that_never_rests_or_is_cut_off_is_refused(client_to):
    shelf = Shelf(range(1, 11))
    shelf.after_request = lambda count: shelf.numbers.insert(0, 1000 + count)
    with pytest.raises(errors.JiraAnswerInvalid, match="kept changing"):
        await client_to(shelf, cloud=False).ranked("filter = 1")

    def handler(request):
        shown = [{"id": "1", "key": "A-1"}]
        return httpx.Response(200, json={"issues": shown, "total": 5})

    with pytest.raises(errors.JiraAnswerInvalid, match="announces 5 issues and delivers 1"):
        await client_to(handler, cloud=False).ranked("filter = 1")


async def test_fewer_issues_than_announced_is_not_the_end(client_to):
    def handler(request):
        return httpx.Response(200, json={"issues": [], "total": 5})

    with pytest.raises(errors.JiraAnswerInvalid, match="announces 5 issues and delivers 0"):
        await found(client_to(handler, cloud=False))


async def test_changelogs_that_are_absent_or_truncated_are_fetched_one_by_one(client_to):
    histories = [{"id": str(number), "created": "2020-01-01T00:00:00.000+0000"} for number in range(3)]
    single = []

    def handler(request):
        if request.url.path.endswith("/search"):
            whole = {"histories": histories[:1], "total": 1, "startAt": 0}
            short = {"histories": histories[:1], "total": 3, "startAt": 0}
            issues = [
                {"id": "1", "key": "A-1", "fields": {}, "changelog": whole},
                {"id": "2", "key": "A-2", "fields": {}, "changelog": short},
                {"id": "3", "key": "A-3", "fields": {}},
                {"id": "9", "key": "A-9", "fields": {}},
            ]
            return httpx.Response(200, json={"issues": issues, "total": 4})
        key = request.url.path.rsplit("/", 1)[1]
        single.append(key)
        changelog = {"histories": histories, "total": 3}
        return httpx.Response(200, json={"id": key[2:], "key": key, "fields": {}, "changelog": changelog})

    refs = [IssueRef(number, f"A-{number}") for number in (1, 2, 3)]
    issues = await client_to(handler, cloud=False).issues(refs, fields=["summary"])
    assert [(raw.issue_id, len(raw.changes)) for raw in issues] == [(1, 1), (2, 3), (3, 3)]
    assert sorted(single) == ["A-2", "A-3"]
    assert all(b"changelog" not in raw.issue for raw in issues)


async def test_an_issue_without_any_changelog_is_refused(client_to):
    def handler(request):
        if request.url.path.endswith("/search"):
            return httpx.Response(200, json={"issues": [{"id": "1", "key": "A-1"}], "total": 1})
        return httpx.Response(200, json={"id": "1", "key": "A-1"})

    with pytest.raises(errors.JiraAnswerInvalid, match="without its changelog"):
        await client_to(handler, cloud=False).issues([IssueRef(1, "A-1")], fields=[])


async def test_a_sweep_reads_the_stamps_and_costs_no_more_pages(client_to):
    asked = []

    def handler(request):
        asked.append(dict(request.url.params))
        fields = {"updated": "2026-03-10T03:30:00.000+0200"}
        return httpx.Response(200, json={"issues": [{"id": "1", "key": "A-1", "fields": fields}], "total": 1})

    client = client_to(handler, cloud=False)
    (page,) = [page async for page in client.search("filter = 1", stamps=True)]
    assert page == [IssueRef(1, "A-1", datetime(2026, 3, 10, 1, 30, tzinfo=UTC))]
    assert [(one["fields"], one["maxResults"]) for one in asked] == [("key,updated", "1000")]


async def test_who_does_not_answer_by_id_is_not_there_and_a_failure_is_no_answer(client_to):
    client = client_to(lambda _: httpx.Response(404, json={"errorMessages": ["No."]}), cloud=False)
    assert await client.find_issue(7) is None
    assert await client.project_visible("A B/C") is False
    client = client_to(lambda _: httpx.Response(401, json={}), cloud=False)
    with pytest.raises(errors.JiraSignInFailed):
        await client.find_issue(7)
    with pytest.raises(errors.JiraSignInFailed):
        await client.project_visible("A")


def test_pages_are_as_large_as_servers_allow():
    assert datacenter.SEARCH_PAGE == 1000

from datetime import UTC, datetime

import httpx
import pytest

from sprintreports.jira import errors
from sprintreports.jira.client import IssueRef


async def found(client, jql="filter = 1"):
    return [ref.id async for page in client.search(jql) for ref in page]


def issue(number):
    return {"id": str(number), "key": f"A-{number}", "fields": {}}


def history(number):
    return {"id": str(number), "created": 1700000000000 + number, "items": []}


async def test_search_follows_tokens_and_gives_each_issue_once(client_to, asked):
    def handler(request):
        token = asked(request).get("nextPageToken")
        if token is None:
            return httpx.Response(200, json={"issues": [{"id": "1"}, {"id": "2"}], "nextPageToken": "t1"})
        return httpx.Response(200, json={"issues": [{"id": "2"}, {"id": "3"}], "isLast": True})

    assert await found(client_to(handler)) == [1, 2, 3]


async def test_an_order_is_the_ids_alone_as_jira_sorts_them(client_to, asked):
    bodies = []

    def handler(request):
        bodies.append(asked(request))
        if len(bodies) == 1:
            return httpx.Response(200, json={"issues": [{"id": "9"}, {"id": "2"}], "nextPageToken": "t1"})
        return httpx.Response(200, json={"issues": [{"id": "2"}, {"id": "5"}], "isLast": True})

    assert await client_to(handler).ranked("filter = 1 AND status IN (3)") == [9, 2, 5]
    assert bodies[0]["jql"] == "filter = 1 AND status IN (3) ORDER BY Rank ASC"
    assert (bodies[0]["maxResults"], bodies[0]["fields"]) == (5000, ["id"])


async def test_a_jira_that_does_not_sort_by_rank_says_so(client_to):
    said = {"errorMessages": ["Not able to sort using field 'Rank'."]}
    with pytest.raises(errors.JiraRefused, match="Not able to sort"):
        await client_to(lambda _: httpx.Response(400, json=said)).ranked("filter = 1")


async def test_filters_are_asked_for_by_the_hundred_and_hidden_ones_are_left_out(client_to):
    urls = []

    def handler(request):
        urls.append(request.url)
        ids = [int(one) for one in request.url.params.get_list("id")]
        found = [{"id": str(one), "jql": f"project = P{one}"} for one in ids if one != 7]
        return httpx.Response(200, json={"values": found, "isLast": True, "total": len(found)})

    filters = await client_to(handler).filters([*map(str, range(1, 151)), "1"])
    assert filters.keys() == {str(one) for one in range(1, 151) if one != 7}
    assert filters["12"].jql == "project = P12"
    assert [len(url.params.get_list("id")) for url in urls] == [100, 50]
    assert {url.params["expand"] for url in urls} == {"jql"}


async def test_an_id_that_is_no_number_is_a_wrong_answer(client_to):
    with pytest.raises(errors.JiraAnswerInvalid):
        await found(
            client_to(lambda _: httpx.Response(200, json={"issues": [{"id": "one"}], "isLast": True}))
        )


async def test_stamps_come_in_small_pages_and_the_latest_of_some_can_be_asked_for(client_to, asked):
    bodies = []

    def handler(request):
        bodies.append(asked(request))
        fields = {"updated": "2026-03-10T01:30:00.000+0000"}
        return httpx.Response(200, json={"issues": [{"id": "1", "fields": fields}], "isLast": True})

    client = client_to(handler)
    (page,) = [page async for page in client.search("filter = 1", stamps=True, latest_of=[1, 2])]
    assert page == [IssueRef(1, "", datetime(2026, 3, 10, 1, 30, tzinfo=UTC))]
    assert bodies == [
        {"jql": "filter = 1", "maxResults": 100, "fields": ["id", "updated"], "reconcileIssues": [1, 2]}
    ]


async def test_a_token_that_repeats_is_refused(client_to):
    pages = iter(range(1, 1000))

    def handler(request):
        return httpx.Response(200, json={"issues": [{"id": str(next(pages))}], "nextPageToken": "again"})

    with pytest.raises(errors.PagerNeverEnds, match="same page token"):
        await found(client_to(handler))


async def test_pages_that_stay_empty_are_refused(client_to):
    tokens = iter(range(1000))

    def handler(request):
        return httpx.Response(200, json={"issues": [], "nextPageToken": str(next(tokens))})

    with pytest.raises(errors.PagerNeverEnds, match="bring nothing new"):
        await found(client_to(handler))


async def test_one_empty_page_in_between_is_not_the_end(client_to, asked):
    answers = {
        None: {"issues": [{"id": "1"}], "nextPageToken": "a"},
        "a": {"issues": [], "nextPageToken": "b"},
        "b": {"issues": [{"id": "2"}]},
    }

    def handler(request):
        return httpx.Response(200, json=answers[asked(request).get("nextPageToken")])

    assert await found(client_to(handler)) == [1, 2]


async def test_an_answer_without_issues_is_not_an_empty_list(client_to):
    def handler(request):
        return httpx.Response(200, json={"warningMessages": ["timeout"]})

    with pytest.raises(errors.JiraAnswerInvalid, match="issues"):
        await found(client_to(handler))


async def test_an_issue_split_by_a_page_boundary_is_put_together(client_to, asked):
    def handler(request):
        body = asked(request)
        if request.url.path.endswith("/issue/bulkfetch"):
            return httpx.Response(200, json={"issues": [issue(2), issue(1)], "issueErrors": []})
        if "nextPageToken" not in body:
            logs = [{"issueId": "1", "changeHistories": [history(1), history(2)]}]
            return httpx.Response(200, json={"issueChangeLogs": logs, "nextPageToken": "n"})
        logs = [
            {"issueId": "1", "changeHistories": [history(2), history(3)]},
            {"issueId": "2", "changeHistories": [history(9)]},
        ]
        return httpx.Response(200, json={"issueChangeLogs": logs})

    one, two = await client_to(handler).issues([IssueRef(1), IssueRef(2)], fields=["summary"])
    assert (one.issue_id, two.issue_id) == (1, 2)
    assert [b'"1"' in one.changes[0], b'"2"' in one.changes[1], b'"3"' in one.changes[2]] == [True] * 3
    assert len(one.changes) == 3
    assert len(two.changes) == 1


async def test_requests_keep_to_jiras_limits(client_to, asked):
    sizes: dict[str, list[int]] = {"bulkfetch": [], "changelog": []}

    def handler(request):
        ids = asked(request)["issueIdsOrKeys"]
        if request.url.path.endswith("/issue/bulkfetch"):
            sizes["bulkfetch"].append(len(ids))
            return httpx.Response(200, json={"issues": [issue(int(id_)) for id_ in ids]})
        sizes["changelog"].append(len(ids))
        return httpx.Response(200, json={"issueChangeLogs": []})

    refs = [IssueRef(number) for number in range(1, 1002)]
    issues = await client_to(handler).issues(refs, fields=["summary"])
    assert [raw.issue_id for raw in issues] == [ref.id for ref in refs]
    assert max(sizes["bulkfetch"]) == 100
    assert max(sizes["changelog"]) <= 1000
    assert sum(sizes["changelog"]) == 1001


async def test_an_issue_that_vanished_is_left_out(client_to):
    def handler(request):
        if request.url.path.endswith("/issue/bulkfetch"):
            return httpx.Response(200, json={"issues": [issue(2)]})
        return httpx.Response(200, json={"issueChangeLogs": []})

    assert [
        raw.issue_id for raw in await client_to(handler).issues([IssueRef(1), IssueRef(2)], fields=[])
    ] == [2]


async def test_issue_errors_are_asked_again_and_then_refused(client_to, asked):
    calls = []

    def handler(request):
        if request.url.path.endswith("/changelog/bulkfetch"):
            return httpx.Response(200, json={"issueChangeLogs": []})
        calls.append(asked(request)["issueIdsOrKeys"])
        if len(calls) == 1:
            return httpx.Response(
                200, json={"issues": [issue(1)], "issueErrors": [{"id": "2", "errorMessage": "big"}]}
            )
        return httpx.Response(200, json={"issues": [issue(2)]})

    issues = await client_to(handler).issues([IssueRef(1), IssueRef(2)], fields=[])
    assert [raw.issue_id for raw in issues] == [1, 2]
    assert calls == [["1", "2"], ["2"]]


async def test_a_changelog_that_never_ends_is_refused(client_to):
    tokens = iter(range(1000))

    def handler(request):
        if request.url.path.endswith("/issue/bulkfetch"):
            return httpx.Response(200, json={"issues": [issue(1)]})
        logs = [{"issueId": "1", "changeHistories": [history(1)]}]
        return httpx.Response(200, json={"issueChangeLogs": logs, "nextPageToken": str(next(tokens))})

    with pytest.raises(errors.PagerNeverEnds):
        await client_to(handler).issues([IssueRef(1)], fields=[])


async def test_one_failed_request_fails_the_page_as_itself(client_to):
    def handler(request):
        if request.url.path.endswith("/changelog/bulkfetch"):
            return httpx.Response(403)
        return httpx.Response(200, json={"issues": []})

    with pytest.raises(errors.JiraForbidden):
        await client_to(handler).issues([IssueRef(1)], fields=[])

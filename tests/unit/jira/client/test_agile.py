import httpx
import pytest

from sprintreports.jira import errors


def board(number):
    return {"id": number, "name": f"Board {number}", "type": "scrum"}


async def test_boards_are_paged_by_fifty_and_given_once(client_to):
    def handler(request):
        start = int(request.url.params["startAt"])
        values = [board(number) for number in range(start, min(start + 50, 120))]
        return httpx.Response(200, json={"values": values, "startAt": start, "isLast": start + 50 >= 120})

    assert [one.id for one in await client_to(handler).boards()] == list(range(120))


async def test_a_pager_that_repeats_itself_is_refused(client_to):
    def handler(request):
        return httpx.Response(200, json={"values": [board(1)], "isLast": False})

    with pytest.raises(errors.PagerNeverEnds):
        await client_to(handler).boards()


async def test_an_empty_page_that_announces_more_is_refused(client_to):
    def handler(request):
        return httpx.Response(200, json={"values": [], "total": 7})

    with pytest.raises(errors.JiraAnswerInvalid, match="7 are announced"):
        await client_to(handler).boards()


async def test_a_board_that_does_not_support_sprints_has_none(client_to):
    def handler(request):
        return httpx.Response(400, json={"errorMessages": ["The board does not support sprints"]})

    assert await client_to(handler).sprints(7) == []


async def test_another_refusal_is_not_an_empty_list(client_to):
    def handler(request):
        return httpx.Response(400, json={"errorMessages": ["The board is broken"]})

    with pytest.raises(errors.JiraRefused):
        await client_to(handler).sprints(7)


async def test_a_sprint_without_dates_arrives(client_to):
    def handler(request):
        return httpx.Response(
            200, json={"values": [{"id": 3, "name": "Next", "state": "future"}], "isLast": True}
        )

    (sprint,) = await client_to(handler).sprints(7)
    assert (sprint.start_date, sprint.end_date, sprint.complete_date) == (None, None, None)

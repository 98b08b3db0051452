import asyncio

import httpx

from sprintreports.jira.client.gate import Gate


async def crowd(gate, count, *, gone):
    """So many that want in at once; they leave when `gone` says so. The most that were inside together."""
    inside, most = 0, 0

    async def visit():
        nonlocal inside, most
        async with gate:
            inside += 1
            most = max(most, inside)
            await gone()
            inside -= 1

    await asyncio.gather(*[visit() for _ in range(count)])
    return most


async def a_moment():
    await asyncio.sleep(0)


async def test_no_more_than_its_width_are_inside():
    gate = Gate(4)
    assert await crowd(gate, 20, gone=a_moment) == 4
    gate.shrink(gate.epoch)
    assert (gate.width, await crowd(gate, 20, gone=a_moment)) == (2, 2)


async def test_it_is_halved_once_for_all_refusals_of_one_burst_and_never_closed():
    gate = Gate(8)
    async with gate as first, gate as second:
        gate.shrink(first)
        gate.shrink(second)
    assert gate.width == 4
    for _ in range(9):
        gate.shrink(gate.epoch)
    assert gate.width == 1


async def test_it_widens_bit_by_bit_and_not_beyond_its_ceiling():
    gate = Gate(4)
    gate.shrink(gate.epoch)
    grown = [gate.width]
    for _ in range(10):
        gate.grow()
        grown.append(gate.width)
    assert grown == [2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4]


async def test_a_place_given_to_one_who_has_left_goes_to_the_next():
    gate = Gate(1)
    await gate.__aenter__()
    impatient, patient = (asyncio.create_task(gate.__aenter__()) for _ in range(2))
    await a_moment()
    await gate.__aexit__()
    impatient.cancel()
    async with asyncio.timeout(5):
        await patient
    assert impatient.cancelled()


async def test_a_jira_that_says_too_many_is_asked_by_fewer_at_once(transport_to):
    inside, most, asked = 0, [], 0

    async def handler(request):
        nonlocal inside, asked
        asked += 1
        inside += 1
        most.append(inside)
        refused = asked <= 4
        await asyncio.sleep(0.001)
        inside -= 1
        return httpx.Response(429) if refused else httpx.Response(200, json=[])

    transport = transport_to(handler, concurrency=4)
    await asyncio.gather(*[transport.get("/x", list[int]) for _ in range(4)])
    assert most[3] == 4
    assert max(most[4:7]) <= 2

"""Slack and Teams against stand-ins on loopback: what goes out, what comes back, and that nothing goes out twice."""

from collections.abc import Iterator

import pytest

from sprintreports.integrations.channel import (
    AdminNeeded,
    ChannelError,
    Failure,
    File,
    Noted,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from sprintreports.integrations.slack import Post, SlackBot, SlackWebhook
from sprintreports.integrations.teams import Card, TeamsWorkflow
from tests.publishing_support import Chat, Place, Said, Workflow, standing

BLOCKS = [{"type": "section", "text": {"type": "plain_text", "text": "Hello", "emoji": False}}]
POST = Post("Hello", BLOCKS)
PICTURES = (File("a.png", "image/png", b"aa"), File("b.png", "image/png", b"bbb"))
CARD = Card({"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "Hello"}]})
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def chat() -> Iterator[tuple[Chat, Place]]:
    slack = Chat()
    with standing(slack) as place:
        slack.own = place.url
        yield slack, place


@pytest.fixture
def workflow() -> Iterator[tuple[Workflow, Place]]:
    teams = Workflow()
    with standing(teams) as place:
        yield teams, place


def hook(place: Place) -> SlackWebhook:
    return SlackWebhook(f"{place.url}/services/T/B/x")


def bot(place: Place) -> SlackBot:
    return SlackBot("xoxb-1", "#delivery", api=f"{place.url}/api")


async def test_a_webhook_posts_once_and_is_checked_without_posting(chat: tuple[Chat, Place]) -> None:
    slack, place = chat
    assert "Nothing was posted" in (await hook(place).check()).sentence
    assert slack.posted == []
    noted = Noted()
    for _ in range(2):
        await hook(place).send(POST, key="k", progress=noted)
    assert slack.posted == [{"text": "Hello", "blocks": BLOCKS}]


async def test_a_bot_posts_and_puts_pictures_into_the_thread(chat: tuple[Chat, Place]) -> None:
    slack, place = chat
    assert (await bot(place).check()).sentence == "Slack knows the bot as reports in Acme."
    await bot(place).send(Post("Hello", BLOCKS, PICTURES), key="k", progress=Noted())
    (posted,), (shared,) = slack.posted, slack.shared
    assert posted["channel"] == "#delivery"
    assert (shared["channel_id"], shared["thread_ts"]) == ("C1", "1700000000.000100")
    assert [one["id"] for one in shared["files"]] == ["F0", "F1"]
    assert slack.uploaded == {"F0": b"aa", "F1": b"bbb"}


async def test_pictures_that_failed_are_sent_without_a_second_message(chat: tuple[Chat, Place]) -> None:
    slack, place = chat
    noted = Noted()
    place.instead.append(("POST", "getUploadURLExternal", Said(503, {})))
    with pytest.raises(TryLater):
        await bot(place).send(Post("Hello", BLOCKS, PICTURES), key="k", progress=noted)
    await bot(place).send(Post("Hello", BLOCKS, PICTURES), key="k", progress=noted)
    assert (len(slack.posted), len(slack.shared)) == (1, 1)


@pytest.mark.parametrize(
    "said",
    [Said(cut=True), Said(504, ""), Said(500, ""), Said(200, "ok" * 5_000_001, PLAIN)],
    ids=["cut", "504", "500", "endless"],
)
async def test_a_message_whose_end_nobody_knows_is_not_sent_again(
    chat: tuple[Chat, Place], said: Said
) -> None:
    slack, place = chat
    noted = Noted()
    place.instead.append(("POST", "/services/T/B/x", said))
    for _ in range(3):
        with pytest.raises(OutcomeUnknown, match="send it again only if it has not"):
            await hook(place).send(POST, key="k", progress=noted)
    assert place.count("POST") == 1
    assert len(slack.posted) <= 1


@pytest.mark.parametrize(
    ("said", "failure", "connection"),
    [
        (Said(403, "invalid_token", PLAIN), Failure.ADMIN, True),
        (Said(404, "no_service", PLAIN), Failure.ADMIN, True),
        (Said(410, "channel_is_archived", PLAIN), Failure.ADMIN, False),
        (Said(400, "invalid_blocks", PLAIN), Failure.CONTENT, None),
        (Said(413, "", PLAIN), Failure.CONTENT, None),
        (Said(429, "rate_limited", {"Retry-After": "12", **PLAIN}), Failure.LATER, None),
        (Said(503, "", PLAIN), Failure.LATER, None),
        (Said(302, "", {"Location": "https://slack.example/"}), Failure.ADMIN, True),
    ],
)
async def test_what_a_webhook_can_say(
    chat: tuple[Chat, Place], said: Said, failure: Failure, connection: bool | None
) -> None:
    slack, place = chat
    place.instead.append(("POST", "/services/T/B/x", said))
    noted = Noted()
    with pytest.raises(ChannelError) as error:
        await hook(place).send(POST, key="k", progress=noted)
    assert error.value.failure is failure
    assert getattr(error.value, "connection", None) is connection
    assert "/services/" not in error.value.message  # the address is the secret
    if failure is Failure.LATER:
        assert getattr(error.value, "wait", None) == (12 if said.status == 429 else None)
    await hook(place).send(POST, key="k", progress=noted)  # it certainly had not been taken
    assert len(slack.posted) == 1


@pytest.mark.parametrize(
    ("word", "failure"),
    [
        ("invalid_auth", Failure.ADMIN), ("not_in_channel", Failure.ADMIN), ("msg_too_long", Failure.CONTENT),
        ("ratelimited", Failure.LATER), ("fatal_error", Failure.UNKNOWN), ("never_heard_of", Failure.CONTENT),
    ],
)  # fmt: skip
async def test_what_the_web_api_can_say(chat: tuple[Chat, Place], word: str, failure: Failure) -> None:
    _, place = chat
    place.instead.append(("POST", "chat.postMessage", Said(200, {"ok": False, "error": word})))
    with pytest.raises(ChannelError) as error:
        await bot(place).send(POST, key="k", progress=Noted())
    assert error.value.failure is failure
    assert "xoxb" not in error.value.message


async def test_blocks_that_slack_would_refuse_are_not_sent(chat: tuple[Chat, Place]) -> None:
    _, place = chat
    for blocks in (BLOCKS * 51, [{"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}}]):
        with pytest.raises(Refused):
            await hook(place).send(Post("Hello", blocks), key="k", progress=Noted())
    assert place.asked == []


async def test_a_workflow_takes_a_card_once(workflow: tuple[Workflow, Place]) -> None:
    teams, place = workflow
    channel, noted = TeamsWorkflow(f"{place.url}/workflows/1?sig=secret"), Noted()
    assert "test card" in (await channel.check()).sentence
    for _ in range(2):
        await channel.send(CARD, key="k", progress=noted)
    assert [card["body"][0]["text"] for card in teams.cards][1:] == ["Hello"]
    assert len(teams.cards) == 2


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (Said(401, {}), Failure.ADMIN),
        (Said(404, {"error": {"code": "WorkflowNotFound"}}), Failure.ADMIN),
        (Said(400, {"error": {"code": "BadRequest"}}), Failure.CONTENT),
        (Said(429, {}, {"Retry-After": "5"}), Failure.LATER),
        (Said(503, {}), Failure.LATER),
        (Said(502, {}), Failure.UNKNOWN),
        (Said(cut=True), Failure.UNKNOWN),
        (
            Said(
                200,
                "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413",
            ),
            Failure.CONTENT,
        ),
        (
            Said(
                200,
                "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429",
            ),
            Failure.LATER,
        ),
    ],
)
async def test_what_a_workflow_can_say(
    workflow: tuple[Workflow, Place], said: Said, failure: Failure
) -> None:
    _, place = workflow
    place.instead.append(("POST", "/workflows/1", said))
    with pytest.raises(ChannelError) as error:
        await TeamsWorkflow(f"{place.url}/workflows/1?sig=secret").send(CARD, key="k", progress=Noted())
    assert error.value.failure is failure
    assert "secret" not in error.value.message


async def test_a_card_that_is_too_large_is_not_sent(workflow: tuple[Workflow, Place]) -> None:
    _, place = workflow
    card = Card(
        {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "x" * 30_000}]}
    )
    with pytest.raises(Refused, match="28 KB"):
        await TeamsWorkflow(f"{place.url}/workflows/1").send(card, key="k", progress=Noted())
    assert place.asked == []


async def test_a_service_that_cannot_be_reached_is_tried_again() -> None:
    with standing(Workflow()) as place:
        url = place.url
    noted = Noted()
    with pytest.raises(TryLater, match="cannot be reached"):
        await TeamsWorkflow(f"{url}/workflows/1").send(CARD, key="k", progress=noted)
    assert noted.parts == {}


@pytest.mark.parametrize(
    "url", ["https://user:pass@hooks.example/x", "https://", "http://[::bad", "https://exa mple/"]
)
async def test_an_address_that_is_none_is_told_of(url: str) -> None:
    with pytest.raises(AdminNeeded):
        await TeamsWorkflow(url).send(CARD, key="k", progress=Noted())

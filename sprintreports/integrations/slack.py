"""Slack: an incoming webhook, or a bot, which can send pictures too. slack-sdk checks the blocks; the requests are our own, since its
clients would not pass the guard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from sprintreports.integrations.channel import (
    AdminNeeded,
    ChannelError,
    Checked,
    File,
    OutcomeUnknown,
    Progress,
    Receipt,
    Refused,
    TryLater,
)
from sprintreports.integrations.exchange import Answer, Wire, told, waited

API = "https://slack.com/api"
MOST_BLOCKS = 50
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_MESSAGE, _PICTURES = "message", "pictures"

# Slack's words for what has gone wrong (docs.slack.dev, errors of chat.postMessage and of incoming webhooks).
_LATER = frozenset(
    {"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "rollup_error"}
)
_UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout"})
_PLACE = frozenset(
    {
        "channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "restricted_action",
        "restricted_action_read_only_channel", "posting_to_general_channel_denied", "cannot_reply_to_message",
        "user_not_found", "as_user_not_supported", "invalid_channel", "no_permission",
    }
)  # fmt: skip
_ACCESS = frozenset(
    {
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "invalid_token",
        "no_active_hooks", "no_service", "no_service_id", "no_team", "team_disabled", "action_prohibited", "ekm_access_denied",
        "org_login_required", "not_allowed_token_type", "access_denied", "team_access_not_granted", "user_not_in_workspace",
    }
)  # fmt: skip
_GONE = frozenset({403, 404, 410})


@dataclass(frozen=True, slots=True)
class Post:
    """A message. text: what notifications show and what stands where blocks do not."""

    text: str
    blocks: Sequence[Mapping[str, Any]] = field(repr=False)
    pictures: tuple[File, ...] = ()


class SlackWebhook:
    """The address of an incoming webhook, which is a secret: whoever has it may write there."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def check(self) -> Checked:
        """Slack answers a message without words in a way that shows the webhook is alive. Nobody sees one."""
        async with Wire("Slack", asked=True) as wire:
            answer = await wire.send("POST", self._url, content=b'{"text":""}', headers=_JSON)
        if answer.status == 400 and answer.text in {"no_text", "missing_text_or_fallback_or_attachments"}:
            return Checked("Slack knows this webhook. Nothing was posted to find out.")
        if answer.ok:
            raise AdminNeeded("What answers there is not Slack's webhook. Enter its address again.")
        raise _failure(answer.text, answer)

    async def send(self, content: Post, *, key: str, progress: Progress) -> Receipt:  # noqa: ARG002  # Slack keeps no keys
        """One message. A webhook takes no pictures. Raises ChannelError."""
        check_blocks(content)
        if progress.value(_MESSAGE) is None:
            await progress.begin(_MESSAGE)
            async with Wire("Slack", asked=False) as wire:
                await _certain(progress, _MESSAGE, self._post(wire, content))
            await progress.done(_MESSAGE)
        return Receipt("The message was posted to Slack.")

    async def _post(self, wire: Wire, content: Post) -> None:
        body = msgspec.json.encode({"text": content.text, "blocks": list(content.blocks)})
        answer = await wire.send("POST", self._url, content=body, headers=_JSON)
        if not (answer.ok and answer.text == "ok"):
            raise _failure(answer.text, answer)


class SlackBot:
    """A bot's token (scopes chat:write and files:write) and the channel it writes to."""

    def __init__(self, token: str, channel: str, *, api: str = API) -> None:
        self._token, self._channel, self._api = token, channel, api.rstrip("/")

    async def check(self) -> Checked:
        """Who the bot is. Raises ChannelError."""
        async with self._wire(asked=True) as wire:
            answer = await wire.send("POST", f"{self._api}/auth.test")
        found = _good(answer)
        scopes = {one.strip() for one in answer.headers.get("x-oauth-scopes", "").split(",")} - {""}
        missing = {"chat:write", "files:write"} - scopes if scopes else set[str]()
        lacking = (
            f" It lacks {' and '.join(sorted(missing))}, without which pictures are left out."
            if missing
            else ""
        )
        if "chat:write" in missing:
            raise AdminNeeded("This bot may not post: give it the scope chat:write, and install it anew.")
        return Checked(
            f"Slack knows the bot as {told(str(found.get('user')), 80)} in {told(str(found.get('team')), 80)}.{lacking}"
        )

    async def send(self, content: Post, *, key: str, progress: Progress) -> Receipt:  # noqa: ARG002  # Slack keeps no keys
        """The message, then its pictures in the message's thread. Raises ChannelError."""
        check_blocks(content)
        async with self._wire(asked=False) as wire:
            stamp = progress.value(_MESSAGE)
            if stamp is None:
                await progress.begin(_MESSAGE)
                stamp = await _certain(progress, _MESSAGE, self._post(wire, content))
                await progress.done(_MESSAGE, stamp)
            if content.pictures and progress.value(_PICTURES) is None:
                channel, _, at = stamp.partition(" ")
                uploaded = await self._upload(content.pictures)
                await progress.begin(_PICTURES)
                await _certain(progress, _PICTURES, self._share(wire, uploaded, channel, at))
                await progress.done(_PICTURES)
        pictures = f", with {len(content.pictures)} pictures in its thread" if content.pictures else ""
        return Receipt(f"The message was posted to Slack{pictures}.")

    async def _post(self, wire: Wire, content: Post) -> str:
        """The channel's id and the message's stamp."""
        body = {
            "channel": self._channel,
            "text": content.text,
            "blocks": list(content.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        answer = await wire.send(
            "POST", f"{self._api}/chat.postMessage", content=msgspec.json.encode(body), headers=_JSON
        )
        found = _good(answer)
        return f"{found.get('channel')} {found.get('ts')}"

    async def _upload(self, pictures: Sequence[File]) -> list[dict[str, str]]:
        """Pictures that nobody sees until they are shared, so this may be repeated."""
        uploaded: list[dict[str, str]] = []
        async with self._wire(asked=True) as wire, Wire("Slack", asked=True) as bare:
            for picture in pictures:
                asked = {"filename": picture.name, "length": str(len(picture.content))}
                url = f"{self._api}/files.getUploadURLExternal"
                place = _good(await wire.send("POST", url, data=asked))
                # The bot's token stays with Slack's interface: the place to upload to has a secret of its own.
                form = {"file": (picture.name, picture.content, picture.media)}
                answer = await bare.send("POST", str(place.get("upload_url")), files=form)
                if not answer.ok:
                    raise _failure(answer.text, answer)
                uploaded.append({"id": str(place.get("file_id")), "title": picture.name})
        return uploaded

    async def _share(self, wire: Wire, files: list[dict[str, str]], channel: str, stamp: str) -> str:
        body = {"files": files, "channel_id": channel, "thread_ts": stamp}
        answer = await wire.send(
            "POST",
            f"{self._api}/files.completeUploadExternal",
            content=msgspec.json.encode(body),
            headers=_JSON,
        )
        return str(_good(answer).get("ok"))

    def _wire(self, *, asked: bool) -> Wire:
        return Wire("Slack", headers={"Authorization": f"Bearer {self._token}"}, asked=asked)


async def _certain(progress: Progress, part: str, work: Any) -> Any:
    """What the work gives; where it certainly came to nothing, that is noted, so that it may be tried again."""
    try:
        return await work
    except OutcomeUnknown:
        raise
    except ChannelError:
        await progress.undone(part)
        raise


def check_blocks(post: Post) -> None:
    """Raises Refused for what Slack would not take, before anything is sent."""
    if len(post.blocks) > MOST_BLOCKS:
        raise Refused(f"Slack takes {MOST_BLOCKS} blocks at most, and this message has {len(post.blocks)}.")
    try:
        for block in Block.parse_all([dict(one) for one in post.blocks]):  # pyright: ignore[reportUnknownMemberType]
            block.validate_json()
    except (SlackObjectFormationError, TypeError, ValueError) as error:
        raise Refused(f"Slack would not take this message: {told(str(error))}") from None


def _good(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if answer.ok and found.get("ok") is True:
        return found
    raise _failure(str(found.get("error") or answer.text), answer)


def _failure(said: str, answer: Answer) -> ChannelError:
    """By Slack's own word, which comes with status 200 too."""
    word = said.strip().split(" ")[0].lower()
    if word in _LATER:
        return TryLater(f"Slack cannot take it now ({word}).", wait=waited(answer.headers))
    if word in _UNSURE:
        return OutcomeUnknown(
            f"Slack failed in the middle ({word}), so the message may have been posted. Look there, and send it again only if it "
            "has not."
        )
    if word in _PLACE:
        return AdminNeeded(
            f"Slack does not let us write there ({word}). Invite the bot into the channel, or choose another one.",
            connection=False,
        )
    if word in _ACCESS or answer.status in _GONE:
        return AdminNeeded(
            f"Slack no longer accepts this connection ({word or answer.status}). Make a new webhook or token and enter it."
        )
    return Refused(f"Slack does not take this ({told(said, 120) or answer.status}).")

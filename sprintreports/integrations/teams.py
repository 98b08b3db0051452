"""Microsoft Teams: the webhook of a workflow (Power Automate), which posts an Adaptive Card into a channel or chat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec

from sprintreports.integrations.channel import (
    AdminNeeded,
    ChannelError,
    Checked,
    OutcomeUnknown,
    Progress,
    Receipt,
    Refused,
    TryLater,
)
from sprintreports.integrations.exchange import Answer, Wire, waited

MOST_BYTES = 28 * 1024
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_CARD = "application/vnd.microsoft.card.adaptive"
_MESSAGE = "message"
_GONE = frozenset({403, 404, 410})
# The webhooks that workflows replace answer 200 whatever happens, and say in words what did.
_FAILED = re.compile(r"delivery failed with error.*?HTTP error (\d{3})", re.IGNORECASE)
_TOO_LARGE, _TOO_MANY, _SERVER = 413, 429, 500


@dataclass(frozen=True, slots=True)
class Card:
    """An Adaptive Card, version 1.5."""

    body: Mapping[str, Any] = field(repr=False)


def envelope(card: Card) -> bytes:
    """The request's body."""
    attachment = {"contentType": _CARD, "contentUrl": None, "content": card.body}
    return msgspec.json.encode({"type": "message", "attachments": [attachment]})


class TeamsWorkflow:
    """The address of a workflow, which is a secret: whoever has it may write there."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def check(self) -> Checked:
        """A workflow can be tried in one way alone: a small card is posted. Raises ChannelError."""
        text = "Sprint Reports can post here. This card is a test that an admin asked for."
        block = {"type": "TextBlock", "text": text, "wrap": True}
        card = Card({"type": "AdaptiveCard", "$schema": SCHEMA, "version": "1.5", "body": [block]})
        async with Wire("Teams", asked=False) as wire:
            await self._post(wire, card)
        return Checked("The workflow took a test card. Look for it in the channel.")

    async def send(self, content: Card, *, key: str, progress: Progress) -> Receipt:  # noqa: ARG002  # it keeps no keys
        """One card. Raises ChannelError."""
        if progress.value(_MESSAGE) is None:
            await progress.begin(_MESSAGE)
            try:
                async with Wire("Teams", asked=False) as wire:
                    await self._post(wire, content)
            except OutcomeUnknown:
                raise
            except ChannelError:
                await progress.undone(_MESSAGE)
                raise
            await progress.done(_MESSAGE)
        return Receipt("The workflow in Teams took the card.")

    async def _post(self, wire: Wire, card: Card) -> None:
        body = envelope(card)
        if len(body) > MOST_BYTES:
            raise Refused(f"Teams takes 28 KB at most, and this card has {len(body) / 1024:.0f} KB.")
        answer = await wire.send("POST", self._url, content=body, headers=_JSON)
        told = _FAILED.search(answer.text)
        if told:
            _fail(int(told[1]), answer)
        if not answer.ok:
            _fail(answer.status, answer)


def _fail(status: int, answer: Answer) -> NoReturn:
    if status == _TOO_MANY:
        raise TryLater("Teams asks us to send less at the moment (429).", wait=waited(answer.headers))
    if status == _TOO_LARGE:
        raise Refused("Teams says that this card is too large (413). Choose a template with fewer sections.")
    if status >= _SERVER:
        raise TryLater(f"Teams failed ({status}).")
    if status in _GONE:
        raise AdminNeeded(
            f"Teams no longer takes anything at this address ({status}): the workflow was switched off, deleted, or asks for a "
            "sign-in. Make a new one and enter its address."
        )
    raise Refused(f"Teams does not take this card ({status}): {answer.text or 'it does not say why'}.")

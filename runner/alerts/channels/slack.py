"""Slack, by incoming webhook. Such a webhook cannot answer in a thread: the reference ties what belongs together."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import ssl
import urllib.error
from typing import Any

from slack_sdk.models.attachments import BlockAttachment
from slack_sdk.models.blocks import ContextBlock, HeaderBlock, MarkdownTextObject, SectionBlock
from slack_sdk.webhook import WebhookClient

from runner.alerts.channels.base import UndeliveredError, refusal
from runner.alerts.messages import REPEAT, Item, Letter, Tone

_COLOURS: dict[Tone, str] = {"critical": "#b3261e", "warning": "#b26a00", "info": "#1f5fa8", "resolved": "#2e7d32"}
_MOST_TEXT = 2_900


class SlackChannel:
    """A channel of Slack."""

    def __init__(self, url: str, timeout: float) -> None:
        # The client would print errors, address included, and send again by itself what may have been received.
        quiet = logging.Logger("slack", logging.CRITICAL + 1)
        self._client = WebhookClient(url, timeout=timeout, logger=quiet, retry_handlers=[])  # type: ignore[arg-type]

    def render(self, letter: Letter) -> str:
        """See `Channel.render`."""
        return json.dumps(_body(letter), indent=2, ensure_ascii=False)

    def send(self, letter: Letter, recipients_left: str | None) -> str | None:  # noqa: ARG002 (one recipient)
        """See `Channel.send`."""
        try:
            answer = self._client.send_dict(_body(letter))
        except urllib.error.URLError as error:
            raise _unreached(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise UndeliveredError(f"it broke off ({type(error).__name__})", is_uncertain=True) from error
        if answer.status_code != 200:
            raise refusal(answer.status_code, answer.headers)
        if answer.body.strip() != "ok":
            # A proxy's login page says 200 too.
            raise UndeliveredError("what answered is not Slack", is_temporary=False, is_uncertain=True)
        return None


def _unreached(error: urllib.error.URLError) -> UndeliveredError:
    reason = error.reason
    is_certain = isinstance(reason, ConnectionRefusedError | socket.gaierror | ssl.SSLError)
    return UndeliveredError(f"it cannot be reached ({type(reason).__name__})", is_uncertain=not is_certain)


def _body(letter: Letter) -> dict[str, Any]:
    top: list[Any] = [HeaderBlock(text=letter.title[:150])]
    if letter.is_repeat:
        top.append(SectionBlock(text=MarkdownTextObject(text=f"*{REPEAT}*")))
    top.append(ContextBlock(elements=[MarkdownTextObject(text=_escaped(f"{letter.summary}; as of {letter.as_of}"))]))
    attachments = [
        BlockAttachment(blocks=[_section(item) for item in items], color=_COLOURS[tone])
        for tone, items in letter.by_tone()
    ]
    return {
        "text": _escaped(f"{'Repeat: ' if letter.is_repeat else ''}{letter.title} ({letter.summary})"),
        "blocks": [block.to_dict() for block in top],
        "attachments": [attachment.to_dict() for attachment in attachments],
    }


def _section(item: Item) -> SectionBlock:
    text = f"*[{item.reference}] {_escaped(item.headline)}*\n{_escaped(item.sentence)}\n_{_escaped(item.details)}_"
    return SectionBlock(text=MarkdownTextObject(text=text[:_MOST_TEXT]))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

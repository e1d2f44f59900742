"""Microsoft Teams, by the webhook of a workflow ("Post to a channel when a webhook request is received")."""

from __future__ import annotations

import json
import re
from typing import Any

import requests

from runner.alerts.channels.base import UndeliveredError, refusal
from runner.alerts.messages import REPEAT, Item, Letter, Tone

_STYLES: dict[Tone, str] = {"critical": "attention", "warning": "warning", "info": "accent", "resolved": "good"}
_SPECIAL = re.compile(r"([\\`*_\[\]()#~])")
_UPSTREAM = re.compile(r"endpoint returned HTTP error (\d{3})")
_MOST_OF_ANSWER = 4_000


class TeamsChannel:
    """A channel of Teams."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout

    def render(self, letter: Letter) -> str:
        """See `Channel.render`."""
        return json.dumps(_body(letter), indent=2, ensure_ascii=False)

    def send(self, letter: Letter, recipients_left: str | None) -> str | None:  # noqa: ARG002 (one recipient)
        """See `Channel.send`."""
        try:
            with requests.post(
                self._url, json=_body(letter), timeout=self._timeout, allow_redirects=False, stream=True
            ) as answer:
                status, headers = answer.status_code, dict(answer.headers)
                said = answer.raw.read(_MOST_OF_ANSWER, decode_content=True).decode("utf-8", "replace")
        except requests.exceptions.ConnectTimeout as error:
            raise UndeliveredError("it cannot be reached (ConnectTimeout)") from error
        except requests.exceptions.ConnectionError as error:
            # Refused before anything was sent, or broken off afterwards: the text of the error alone tells.
            is_certain = "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
            raise UndeliveredError(
                f"it cannot be reached ({'refused' if is_certain else 'broken off'})", is_uncertain=not is_certain
            ) from error
        except (requests.exceptions.RequestException, OSError) as error:
            raise UndeliveredError(f"it broke off ({type(error).__name__})", is_uncertain=True) from error
        if status not in (200, 201, 202):
            raise refusal(status, headers)
        upstream = _UPSTREAM.search(said)
        if upstream:
            # A connector of the older kind hides the refusal in the text of a success.
            raise refusal(int(upstream[1]), headers)
        return None


def _body(letter: Letter) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [_text(letter.title, size="Large", weight="Bolder")]
    if letter.is_repeat:
        blocks.append(_text(REPEAT, weight="Bolder", color="Attention"))
    blocks.append(_text(f"{letter.summary}; as of {letter.as_of}", isSubtle=True, spacing="None"))
    for tone, items in letter.by_tone():
        blocks += [_container(item, tone) for item in items]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": f"{letter.title} ({letter.summary})",
        "msteams": {"width": "Full"},
        "body": blocks,
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _container(item: Item, tone: Tone) -> dict[str, Any]:
    return {
        "type": "Container",
        "style": _STYLES[tone],
        "items": [
            _text(f"[{item.reference}] {item.headline}", weight="Bolder"),
            _text(item.sentence, spacing="None"),
            _text(item.details, isSubtle=True, size="Small", spacing="None"),
        ],
    }


def _text(text: str, **style: Any) -> dict[str, Any]:
    # A TextBlock reads Markdown: a link in a subject must not become one.
    return {"type": "TextBlock", "text": _SPECIAL.sub(r"\\\1", text), "wrap": True, **style}

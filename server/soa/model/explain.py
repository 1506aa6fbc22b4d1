"""From a failure to an error that says what happened, why, and what to do."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from soa.errors import ModelBusy, ModelError, ModelRefused, ModelUnreachable
from soa.model.endpoint import is_loopback

if TYPE_CHECKING:
    from soa.model.failures import Failure

LISTED = 12
"""Models that are listed in an error."""


def explain(failure: Failure, place: str, *, keyed: bool, seconds: float, tries: int = 1) -> ModelError:
    """The error for a failure that ends a call.

    Parameters
    ----------
    failure
        What the last attempt met.
    place
        The endpoint's URL, fit to be shown.
    keyed
        Whether a key was configured.
    seconds
        The timeout.
    tries
        Attempts made.
    """
    said = f": {failure.text.rstrip('.')}" if failure.text else ""
    status = f" ({failure.status})" if failure.status else ""
    times = f" after {tries} tries" if tries > 1 else ""
    match failure.kind:
        case "down":
            asked = "Is the server running?" if is_loopback(place) else "Is there a network, and is the address right?"
            return ModelUnreachable(f"No connection to {place}{said}.", f"{asked} Check --base-url.")
        case "silent":
            return ModelUnreachable(
                f"{place} gave no sign of life for {seconds:g} s.",
                "If the model is just slow, raise --timeout; else restart the server.",
            )
        case "cut":
            return ModelBusy(f"{place} breaks its replies off{times}{said}.", "Try again; look at the server's log.")
        case "busy":
            what = "still limits the rate" if failure.status == 429 else "still fails"
            return ModelBusy(f"{place} {what}{status}{times}{said}.", _busy_advice(failure))
        case _:
            return _refused(failure, place, status + said, keyed)


def _refused(failure: Failure, place: str, said: str, keyed: bool) -> ModelRefused:
    match failure.kind:
        case "key" if not keyed:
            return ModelRefused(f"{place} wants a key and none is set{said}.", "Set OPENAI_API_KEY.")
        case "key":
            return ModelRefused(
                f"{place} refuses {'access' if failure.status == 403 else 'the key'}{said}.",
                "Set OPENAI_API_KEY to a key that is valid for this endpoint and model.",
            )
        case "quota":
            return ModelRefused(
                f"{place} says that the quota is used up{said}.",
                "Check the plan and the billing of this account, or use another endpoint (--base-url).",
            )
        case "length":
            return ModelRefused(
                f"{place} finds the prompt too long{said}.", "Lower context-tokens, or use a larger model."
            )
        case "path":
            return ModelRefused(
                f"{place} is no OpenAI-compatible API{said}.",
                "--base-url is the root that has /chat/completions below it, often .../v1.",
            )
        case "moved":
            return ModelRefused(
                f"{place} points to another address{said}.",
                "Code and keys are not sent there unasked. If that address is right, give its API with --base-url.",
            )
        case _:
            return ModelRefused(
                f"{place} refuses the request{said}.", "Look at the server's log, or try another model."
            )


def unknown_model(name: str, models: tuple[str, ...], place: str, said: str) -> ModelRefused:
    """The error for a model that the endpoint does not have, with those that it has, nearest first."""
    advice = f"It has: {listed(nearest(name, models))}." if models else "It does not say which models it has."
    return ModelRefused(
        f"{place} has no model {name!r}: {said.rstrip('.')}.", f"{advice} Choose one with --model NAME."
    )


def nearest(name: str, models: tuple[str, ...]) -> tuple[str, ...]:
    """The models, those whose names are most like `name` first."""
    return tuple(sorted(models, key=lambda m: -SequenceMatcher(None, name.lower(), m.lower()).ratio()))


def listed(models: tuple[str, ...]) -> str:
    """The first models in one line, and how many there are beside them."""
    more = f" and {len(models) - LISTED} more" if len(models) > LISTED else ""
    return ", ".join(models[:LISTED]) + more


def _busy_advice(failure: Failure) -> str:
    if failure.wait is not None:
        return f"It asks to wait {failure.wait:.0f} s. Try again then, or lower --concurrency."
    return "Try again later, or lower --concurrency." if failure.status == 429 else "Try again later."

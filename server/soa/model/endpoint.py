"""Where a model is asked: the root of an API as people write it, the key, the patience."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

from attrs import field, frozen

from soa.errors import ConfigurationError


def _strip(key: str) -> str:
    return key.strip()


def normalize_base_url(text: str) -> str:
    """The root of an API: with a scheme, without a final slash and without the path of one of its calls.

    Raises
    ------
    ConfigurationError
        It is no address.
    """
    url = text.strip()
    if "://" not in url:
        url = f"{'http' if _is_local_name(url) else 'https'}://{url}"
    if not _is_address(url):
        shown = url.rpartition("@")[2]
        raise ConfigurationError(
            f"The base URL {shown!r} is not an address.", "Give one like http://localhost:11434/v1."
        )
    parts = urlsplit(url)
    path = re.sub(r"/(chat/completions|models)$", "", parts.path.rstrip("/")).rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


@frozen
class Endpoint:
    """Where to ask, and with what patience."""

    base_url: str = field(converter=normalize_base_url)
    """Root of the API; `/v1` is tried where it is missing."""
    api_key: str = field(default="", converter=_strip, repr=False)
    """Empty where none is needed."""
    timeout: float = 120.0
    """Seconds without a sign of life after which a call is given up; they count between chunks too."""

    @api_key.validator
    def _check_key(self, _: object, key: str) -> None:
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ConfigurationError(
                "The API key holds blanks or characters that no key can hold.", "Set OPENAI_API_KEY again."
            )

    @property
    def place(self) -> str:
        """The URL for people."""
        return shown_url(self.base_url)


def with_version(base_url: str) -> str | None:
    """The same root with `/v1`, or None if it has a version already."""
    parts = urlsplit(base_url)
    if re.search(r"/v\d+\w*(/|$)", parts.path):
        return None
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/v1", parts.query, ""))


def is_loopback(base_url: str) -> bool:
    """Whether this machine itself is meant; no proxy stands in between then."""
    return _is_loopback_host(urlsplit(base_url).hostname or "")


def shown_url(base_url: str) -> str:
    """The URL for people: without a user, a password or a query, which may hold secrets."""
    parts = urlsplit(base_url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_local_name(text: str) -> bool:
    try:
        return _is_loopback_host(urlsplit(f"//{text}").hostname or "")
    except ValueError:
        return False


def _is_loopback_host(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified

"""Base URLs as people write them, and keys as they paste them."""

from __future__ import annotations

import pytest

from soa.errors import ConfigurationError
from soa.model.endpoint import Endpoint, is_loopback, normalize_base_url, shown_url, with_version


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        (" http://localhost:11434/v1/ ", "http://localhost:11434/v1"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://host/v1/chat/completions", "https://host/v1"),
        ("https://host/api/models/", "https://host/api"),
    ],
)
def test_base_urls_are_read_forgivingly(written, meant):
    assert normalize_base_url(written) == meant
    assert normalize_base_url(meant) == meant


@pytest.mark.parametrize("written", ["", "http://", "ftp://host", "http://host:port", "http://host:99999", "http://[x"])
def test_what_is_no_address_is_refused(written):
    with pytest.raises(ConfigurationError, match="is not an address"):
        Endpoint(written)


def test_versions():
    assert with_version("http://host:1") == "http://host:1/v1"
    assert with_version("http://host/api") == "http://host/api/v1"
    assert with_version("http://host/v1beta/openai") is None
    assert with_version("http://host/v1") is None


def test_this_machine():
    hosts = ("localhost", "127.0.0.1", "127.3.2.1", "[::1]", "0.0.0.0", "a.localhost")
    assert all(is_loopback(f"http://{h}:1/v1") for h in hosts)
    assert not any(is_loopback(f"http://{h}:1/v1") for h in ("10.0.0.1", "example.com", "localhost.com"))


def test_shown_urls_hold_no_secrets():
    assert shown_url("https://me:word@host:3/v1?key=word") == "https://host:3/v1"


def test_a_pasted_key_is_trimmed_and_never_shown():
    endpoint = Endpoint("http://h", " sk-abcdef\n")
    assert endpoint.api_key == "sk-abcdef"
    assert "abcdef" not in repr(endpoint)


@pytest.mark.parametrize("key", ["sk-abc\ndef", "sk-abc def", "sk-äöü", "sk-\x00"])
def test_an_impossible_key_is_refused_without_showing_it(key):
    with pytest.raises(ConfigurationError) as caught:
        Endpoint("http://h", key)
    assert "sk-" not in str(caught.value)

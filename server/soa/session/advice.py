"""Sentences of the engine as an editor's user reads them: settings by their names in the editor, not as flags."""

from __future__ import annotations

import re

from attrs import fields_dict

from soa.settings import Settings

FLAG = re.compile(r"--([a-z]+(?:-[a-z]+)*)(?: (?:NAME|URL|PATH|N|SECONDS|USD|MB)\b)?")
RESUME = re.compile(r"go on with --resume", re.IGNORECASE)
KEY = ("Set OPENAI_API_KEY.", "Set OPENAI_API_KEY where the editor is started; in VS Code, run SoA: Set API Key.")


def for_editor(text: str) -> str:
    """The text with `--base-url URL` as `soa.baseUrl`, and so on; other flags stay."""
    return RESUME.sub("ask again", FLAG.sub(_setting, text.replace(*KEY)))


def _setting(flag: re.Match[str]) -> str:
    name = flag[1].replace("-", "_")
    if name not in fields_dict(Settings):
        return flag[0]
    first, *others = flag[1].split("-")
    return f"soa.{first}{''.join(word.title() for word in others)}"

"""Which kinds of sandbox work for whoever we are: a program of the tests, run as a plain user."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from soa.sandbox.choose import choose, examine


async def look(python: Path) -> dict[str, Any]:
    """What is found, and what `auto` takes."""
    found = await examine(python)
    chosen = await choose("auto", python)
    await chosen.close()
    return {"kinds": [(f.name, f.works, f.reason) for f in found], "auto": chosen.name}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(look(Path(sys.argv[1])))))

"""`python -m soa` is `soa`."""

import os
import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it just as quietly."""
    try:
        from soa.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    if not sys.flags.safe_path and sys.path[0] == os.getcwd():  # noqa: PTH109 - pathlib may be the user's here
        del sys.path[0]  # a module of the user's project must neither run here nor stand before one of ours
    main()

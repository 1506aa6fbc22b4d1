"""`python -m soa` is `soa`."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it just as quietly."""
    try:
        from soa.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

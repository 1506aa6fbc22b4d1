"""`python -m soa` is `soa`."""

from soa.cli import main

if __name__ == "__main__":
    main()

"""`python -m soa` is `soa`."""

from soa.cli import main

main()

"""`python -m undersigned` is the command line."""

from undersigned.cli import main

main()

"""What a command's exit says to a script."""

DONE, REFUSED, MISUSE, TRY_LATER = 0, 1, 2, 3

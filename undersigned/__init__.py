"""Carries one letter from a coalition to the people it is addressed to."""

"""Whole campaigns with processes killed in the middle, against servers that count what they got."""

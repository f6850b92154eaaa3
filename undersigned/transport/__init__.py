"""The only code that opens an outgoing connection."""

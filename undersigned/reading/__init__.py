"""The bytes of a reply in, a verdict out; pure."""

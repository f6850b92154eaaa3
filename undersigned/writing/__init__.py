"""Values in, mail and documents out; pure."""

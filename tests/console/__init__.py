"""What the console shows and changes."""

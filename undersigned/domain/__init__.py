"""What is true of letters, parties and consent: pure values and functions."""

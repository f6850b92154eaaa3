"""A post office on loopback, signers who rehearse, and a faster clock."""

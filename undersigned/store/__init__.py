"""What we remember: the outbox, the inbox, the decisions, the journal."""

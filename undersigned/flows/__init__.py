"""What the service does: verbs, each owning its transactions."""

"""Use cases (verbs) and the ports they need."""

"""One patient's page: where they stand, what to do now, scores, events, plan, team, contacts, documents."""

"""R4 Subscriptions by rest-hook, classic and with the Subscriptions R5 backport: accepted, matched, sent."""

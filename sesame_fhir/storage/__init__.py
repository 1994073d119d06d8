"""SQL: events, projections, resources, outbox, launches, audit. The only place that talks to a database."""

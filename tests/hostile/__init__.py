"""Hostile requests in great number: ``make fuzz``, and a slice of it in every test run."""

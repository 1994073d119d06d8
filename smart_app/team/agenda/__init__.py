"""Contacts to come: the agenda's page, and the calendar feed that a nurse's own calendar subscribes to."""

"""Composition: settings, wiring, the WSGI application, background delivery. Nothing here decides anything."""

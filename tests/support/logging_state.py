"""Puts the logging of the test process back after code that configures it, as the command line does."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from sesame_fhir.services.journal import begin_request


@contextmanager
def logging_put_back() -> Iterator[None]:
    """Begin without a correlation id; end with the handlers and the structlog configuration of before."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    begin_request()
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.configure(**before)
        begin_request()

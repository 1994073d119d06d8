"""Rules for every test: no socket but in tests marked ``network``, and those only on the loopback interface."""

import os
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

# Thousands of commits wait for the disk here: where the machine lends memory as a folder, they wait for nothing.
_MEMORY = Path("/dev/shm")  # noqa: S108  pytest makes its own private folder below
if os.access(_MEMORY, os.W_OK):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

LOOPBACK = ["127.0.0.1", "::1", "localhost"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close the network before the test and its fixtures run."""
    if item.get_closest_marker("network"):
        enable_socket()
        socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
    else:
        disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    """Leave sockets open between tests, for fixtures that live longer than one."""
    enable_socket()

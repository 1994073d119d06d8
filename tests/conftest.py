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

_LONGEST = ("browser", "faults", "browser-team")
"""Groups to begin with. The first worker takes the first and the third: browsers wait often, other tests compute."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares a file shares a worker, so that its fixtures are made once; the longest groups run first."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    marker = item.get_closest_marker("xdist_group")
    group = marker.args[0] if marker else ""
    return _LONGEST.index(group) if group in _LONGEST else len(_LONGEST)


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

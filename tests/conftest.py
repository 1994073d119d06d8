"""Rules for every test: no socket but in tests marked ``network``, and those only on the loopback interface."""

import pytest
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

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

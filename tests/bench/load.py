"""Load generator: keep-alive connections in one event loop, ready-made requests, nothing but the standard library.

It must cost little beside the server on the same cores: about 20 microseconds a request, no parsing beyond the status
and the length. Closed loop: each connection sends its next request when its answer has come.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle

_TIMEOUT_SECONDS = 120
_CHUNK = 262_144
_STATUS = slice(9, 12)


class BadAnswer(RuntimeError):  # noqa: N818  named as the fact it reports
    """The server answered something that would make the measurement worthless."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """One round: how many answers came, in how many seconds, each after how many seconds (sorted)."""

    answers: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A request as bytes, for a server that keeps connections open."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask(port: int, sent: bytes) -> Answer:
    """Send one request and return its answer."""
    with _connect(port) as connection:
        connection.sendall(sent)
        received = b""
        while not _complete(received):
            received += _received(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    return Answer(int(head[_STATUS]), head, body)


def drive(
    port: int, requests: Sequence[bytes], *, connections: int, seconds: float, expected: bytes = b"200", first: int = 0
) -> Load:
    """Send the requests in turn, again and again, until the time is over.

    Raises:
        BadAnswer: another status than ``expected``, or a connection that the server closed.
    """
    with ExitStack() as open_until_the_end:
        selector = open_until_the_end.enter_context(selectors.DefaultSelector())
        clients = [_Client(open_until_the_end.enter_context(_connect(port))) for _ in range(connections)]
        for client in clients:
            selector.register(client.connection, selectors.EVENT_READ, client)
        at = first % len(requests)
        begin = time.perf_counter()
        latencies = _exchange(selector, clients, cycle([*requests[at:], *requests[:at]]), seconds, expected)
        took = time.perf_counter() - begin
    return Load(len(latencies), took, tuple(sorted(latencies)))


def _exchange(
    selector: selectors.BaseSelector,
    clients: "Sequence[_Client]",
    requests: Iterator[bytes],
    seconds: float,
    expected: bytes,
) -> list[float]:
    end = time.perf_counter() + seconds
    for client in clients:
        client.send(next(requests))
    waiting, latencies = len(clients), list[float]()
    while waiting:
        ready = selector.select(_TIMEOUT_SECONDS)
        if not ready:
            raise BadAnswer("no answer came")
        for key, _ in ready:
            client = key.data
            if not client.receive(expected):
                continue
            now = time.perf_counter()
            latencies.append(now - client.sent_at)
            if now < end:
                client.send(next(requests))
            else:
                waiting -= 1
    return latencies


class _Client:
    """One connection with at most one request under way."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.sent_at = 0.0
        self._received = b""

    def send(self, sent: bytes) -> None:
        self._received = b""
        self.sent_at = time.perf_counter()
        self.connection.sendall(sent)

    def receive(self, expected: bytes) -> bool:
        """Take what has come; True when the answer is whole."""
        self._received += _received(self.connection)
        if not _complete(self._received):
            return False
        if self._received[_STATUS] != expected:
            raise BadAnswer(self._received[:400].decode("utf-8", "replace"))
        return True


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _received(connection: socket.socket) -> bytes:
    chunk = connection.recv(_CHUNK)
    if not chunk:
        raise BadAnswer("the server closed the connection")
    return chunk


def _complete(received: bytes) -> bool:
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = received[:end].lower()
    at = head.find(b"content-length:")
    if at < 0:
        return b"transfer-encoding: chunked" not in head or received.endswith(b"\r\n0\r\n\r\n")
    line = head[at + 15 :].partition(b"\r\n")[0]
    return len(received) >= end + 4 + int(line)

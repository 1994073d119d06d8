"""A worker process's end: its work is closed in order, and it never outlives the server that started it."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable


def close_at_end(close: Callable[[], None]) -> None:
    """Call ``close`` once the main thread has ended.

    ``atexit`` does not do: a forked multiprocessing worker leaves without running its handlers (CPython gh-83856).
    The interpreter waits for this thread because it is not a daemon.
    """

    def wait() -> None:
        threading.main_thread().join()
        close()

    threading.Thread(target=wait, name="closing", daemon=False).start()


def end_with_parent() -> None:
    """End gracefully when the server's main process is gone (killed): else its workers would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()

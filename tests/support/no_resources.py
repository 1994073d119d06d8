"""A ``ResourceStore`` of which nothing works: doubles say what they need, and fail loudly where more is asked."""

from typing import Any


class NoResources:
    """Every method of the port; each refuses."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    read = vread = history = versions = search = included = reindex = create = update = apply = _refuse

"""JSON Patch (RFC 6902) on a parsed resource, strictly: all operations or none, each problem with its operation.

Written here because the rules that matter are the ones that Python's equality and copying would bend: true is not 1,
an index has no leading zero, and a patch must not grow a document without end by copying it into itself.
"""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from sesame_fhir.fhir.errors import InvalidResource, TooCostly, UnprocessableResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, error

MAX_OPERATIONS = 500
MAX_COPIED = 20_000
"""Values that all ``copy`` operations together may make."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_ESCAPE = re.compile(r"~(?![01])")
_NEEDS = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("from", "path"),
    "copy": ("from", "path"),
    "test": ("path", "value"),
}

Pointer = tuple[str, ...]


class _Refused(Exception):  # noqa: N818  an answer: this operation cannot be applied
    """``diagnostics`` says why, without the document's content."""


def apply_patch(document: Json, operations: Sequence[Any]) -> Json:
    """The patched document; ``document`` itself must not be used any more.

    Raises:
        InvalidResource: the patch is not one; every malformed operation is told.
        TooCostly: too many operations, or copies that grow without end.
        UnprocessableResource: an operation finds nothing at its path, or a test fails; its index is told.
    """
    if len(operations) > MAX_OPERATIONS:
        raise TooCostly(error(IssueType.TOO_COSTLY, f"Au plus {MAX_OPERATIONS} opérations par patch."))
    if problems := [problem for place, one in enumerate(operations) for problem in _malformed(place, one)]:
        raise InvalidResource(*problems)
    patched = _Patched(document)
    for place, operation in enumerate(operations):
        try:
            _APPLIED[operation["op"]](patched, operation)
        except _Refused as refused:
            text = f"Opération [{place}] ({operation['op']}) : {refused}"
            raise UnprocessableResource(error(IssueType.PROCESSING, text, f"[{place}]")) from None
    if not isinstance(patched.root, dict):
        raise InvalidResource(error(IssueType.STRUCTURE, "Le résultat du patch n'est pas une ressource."))
    return patched.root


def _malformed(place: int, operation: Any) -> list[Issue]:
    def issue(text: str) -> Issue:
        return error(IssueType.STRUCTURE, f"Opération [{place}] : {text}", f"[{place}]")

    if not isinstance(operation, dict):
        return [issue("un objet est attendu.")]
    needed = _NEEDS.get(operation["op"]) if isinstance(operation.get("op"), str) else None
    if needed is None:
        return [issue(f"op est l'un de {', '.join(_NEEDS)}.")]
    problems = [issue(f"{name} est obligatoire.") for name in needed if name not in operation]
    for name in {"path", "from"}.intersection(needed, operation):
        pointer = operation[name]
        if not isinstance(pointer, str) or (pointer and pointer[0] != "/") or _ESCAPE.search(pointer):
            problems.append(issue(f"{name} n'est pas un pointeur JSON (RFC 6901)."))
    return problems


def _steps(pointer: str) -> Pointer:
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


class _Patched:
    """The document while operations run on it."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._copied = 0

    def get(self, path: Pointer) -> Any:
        """The value at a path."""
        value = self.root
        for step in path:
            value = _child(value, step)
        return value

    def add(self, path: Pointer, value: Any) -> None:
        """Insert into a list, or set a member."""
        if not path:
            self.root = value
            return
        parent, last = self.get(path[:-1]), path[-1]
        if isinstance(parent, list):
            parent.insert(len(parent) if last == "-" else _index(last, len(parent)), value)
        elif isinstance(parent, dict):
            parent[last] = value
        else:
            raise _Refused("le chemin traverse une valeur simple.")

    def remove(self, path: Pointer) -> Any:
        """Take a value out."""
        if not path:
            raise _Refused("une ressource entière ne se retire pas : la supprimer.")
        value, parent = self.get(path), self.get(path[:-1])
        del parent[int(path[-1]) if isinstance(parent, list) else path[-1]]
        return value

    def replace(self, path: Pointer, value: Any) -> None:
        """Put another value in the place of one that is there."""
        if not path:
            self.root = value
            return
        self.get(path)
        parent = self.get(path[:-1])
        parent[int(path[-1]) if isinstance(parent, list) else path[-1]] = value

    def copy(self, path: Pointer) -> Any:
        """A copy of the value at a path."""
        value = self.get(path)
        self._copied += _size(value)
        if self._copied > MAX_COPIED:
            raise TooCostly(error(IssueType.TOO_COSTLY, "Ce patch copie trop de données."))
        return deepcopy(value)


def _child(value: Any, step: str) -> Any:
    if isinstance(value, list):
        if step == "-":
            raise _Refused("rien ne se trouve à ce chemin.")
        return value[_index(step, len(value) - 1)]
    if not isinstance(value, dict) or step not in value:
        raise _Refused("rien ne se trouve à ce chemin.")
    return value[step]


def _index(step: str, last: int) -> int:
    if _INDEX.fullmatch(step) is None or int(step) > last:
        raise _Refused("cette position n'existe pas dans la liste.")
    return int(step)


def _size(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(_size(one) for one in inner)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1, the order of members does not count, 1.0 is 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _test(patched: _Patched, operation: Json) -> None:
    if not _same(patched.get(_steps(operation["path"])), operation["value"]):
        raise _Refused("la valeur n'est pas celle qui est attendue.")


def _move(patched: _Patched, operation: Json) -> None:
    source, target = _steps(operation["from"]), _steps(operation["path"])
    if source == target:
        patched.get(source)
        return
    if target[: len(source)] == source:
        raise _Refused("une valeur ne se déplace pas à l'intérieur d'elle-même.")
    patched.add(target, patched.remove(source))


_APPLIED: dict[str, Callable[[_Patched, Json], Any]] = {
    "add": lambda patched, one: patched.add(_steps(one["path"]), deepcopy(one["value"])),
    "remove": lambda patched, one: patched.remove(_steps(one["path"])),
    "replace": lambda patched, one: patched.replace(_steps(one["path"]), deepcopy(one["value"])),
    "move": _move,
    "copy": lambda patched, one: patched.add(_steps(one["path"]), patched.copy(_steps(one["from"]))),
    "test": _test,
}

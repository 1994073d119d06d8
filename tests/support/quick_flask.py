"""Flask for applications that tests build by the thousand: the same answers, and less made beforehand."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class _Compiled(BytecodeCache):
    """The code of every template, by its name and its source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


class _Rule(Rule):
    """Compiling what builds its address is nine tenths of adding a rule, and most are never asked for one."""

    def _compile_builder(
        self,
        append_unknown: bool = True,  # noqa: FBT001, FBT002  werkzeug's signature
    ) -> Callable[..., tuple[str, str]]:
        compiled, made = super()._compile_builder, list[Callable[..., tuple[str, str]]]()

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compiled(append_unknown))
            return made[0](rule, **values)

        return build


class QuickFlask(Flask):
    """Templates are compiled once per process, and rules build no address before they are asked for one."""

    url_rule_class = _Rule
    jinja_options = Flask.jinja_options | {"bytecode_cache": _Compiled()}

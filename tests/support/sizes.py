"""Size budget of the code, run by ``make lint``: no file above 400 lines, no function above 50 (tests: 60)."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAX_FILE = 400
MAX_FUNCTION = {"tests": 60}
MAX_FUNCTION_DEFAULT = 50
FOLDERS = ("sesame_fhir", "smart_app", "mappings", "tests")
# Installed packages, and migrations: generated lists of columns, written once and never edited.
LEFT_OUT = frozenset({"node_modules", "versions"})


def problems(path: Path) -> list[str]:
    """Name what is too long in one file."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)
    limit = MAX_FUNCTION.get(name.parts[0], MAX_FUNCTION_DEFAULT)
    found = [f"{name}: {lines} lines, limit {MAX_FILE}"] if (lines := text.count("\n")) > MAX_FILE else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > limit:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines, limit {limit}")
    return found


def main() -> int:
    """Print every problem; exit code 1 if there is one."""
    paths = [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.py")) if not LEFT_OUT & set(p.parts)]
    found = [problem for path in paths for problem in problems(path)]
    sys.stdout.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Write docs/rules (``make docs``)."""

from pathlib import Path

from tests.specification.markdown import files

FOLDER = Path(__file__).parents[2] / "docs" / "rules"

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")

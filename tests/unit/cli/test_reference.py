"""docs/reference/cli.md names every command and every option, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from sesame_fhir.cli import cli

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


def commands(group: click.Group, name: str = "sesame") -> Iterator[tuple[str, click.Command]]:
    for part, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {part}")
        else:
            yield f"{name} {part}", command


def options(command: click.Command) -> list[str]:
    return [option for one in command.params if isinstance(one, click.Option) for option in one.opts]


def test_every_command_and_option_is_documented() -> None:
    expected = {name: options(command) for name, command in commands(cli)}
    sections = re.split(r"^## `(sesame [\w -]+)`$", PAGE, flags=re.MULTILINE)
    documented = {
        name: re.findall(r"^\| `(--[\w-]+)` \|", text, re.MULTILINE)
        for name, text in zip(sections[1::2], sections[2::2], strict=True)
    }
    assert documented == expected


def test_every_command_and_option_says_what_it_is() -> None:
    for name, command in commands(cli):
        assert command.help, name
        assert all(
            one.help or one.name == "authorize_method" for one in command.params if isinstance(one, click.Option)
        )

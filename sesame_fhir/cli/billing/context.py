"""What every command of ``sesame billing`` works with: the open store, the use cases' setting, and who acts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import click

from sesame_fhir.cli.billing.refusals import explained
from sesame_fhir.cli.context import CliContext
from sesame_fhir.domain.actors import Role
from sesame_fhir.server.opening import ready_store
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.wiring import billing_of
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.errors import Conflict
from sesame_fhir.storage import Store

_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True)
class Desk:
    """A coordinator at work: the settings, the open store, the use cases' setting, and who acts."""

    settings: Settings
    store: Store
    billing: Billing
    who: Coordinator


def by_coordinator(work: Callable[Concatenate[Desk, _P], None]) -> Callable[..., None]:
    """Give a command ``--by LOGIN`` and, as its first argument, the desk of that coordinator.

    What the rules refuse, and what stops the work, is said in one line with what to do; the exit code is then 1.
    """

    @click.option("--by", "login", required=True, metavar="LOGIN", help="Login of the coordinator's account who acts.")
    @click.pass_obj
    @wraps(work)
    def command(context: CliContext, /, *arguments: Any, login: str, **options: Any) -> None:
        with ready_store(context.settings) as store, _explaining():
            who = _coordinator(store, login)
            work(Desk(context.settings, store, billing_of(context.settings, store), who), *arguments, **options)

    return command


def _coordinator(store: Store, login: str) -> Coordinator:
    member = store.staff.by_login(login)
    if member is None:
        raise click.ClickException(f"--by {login}: no such account; see `sesame staff list`")
    if not member.active:
        raise click.ClickException(f"--by {login}: the account is deactivated; an administrator can open it again")
    if member.role is not Role.COORDINATOR:
        raise click.ClickException(
            f"--by {login}: this account is of a {member.role.value}; billing is the coordinator's: give the login of "
            "such an account, or make one with `sesame staff add LOGIN --name NAME --role coordinator --site SITE`"
        )
    return Coordinator(member.actor, frozenset(member.sites))


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        with explained():
            yield
    except Conflict as conflict:
        raise click.ClickException(
            "somebody else changed a pathway at the same time; run the same command again"
        ) from conflict
    except OSError as error:
        raise click.ClickException(
            f"{error.filename}: {error.strerror}; check the path, this user's rights and the free space"
        ) from error
    except KeyboardInterrupt:
        raise click.ClickException(
            "stopped; what was done stays done: run the same command again and it goes on"
        ) from None

"""Flask applications that tests use one after another: compiling their hundred routes costs more than most tests."""

from flask import Flask

from sesame_fhir.storage import Store
from smart_app.blueprints import create_blueprints
from smart_app.deps import AppDeps, bind_deps
from tests.support.quick_flask import QuickFlask

_MADE: list[tuple[Flask, Store]] = []


def application(deps: AppDeps, store: Store) -> Flask:
    """An application with these dependencies: one whose last store is closed, else a new one.

    An application keeps nothing but its dependencies, its routes and its compiled templates.
    """
    place = next((n for n, (_, last) in enumerate(_MADE) if not last._close.alive), None)
    app = _new(deps) if place is None else _MADE.pop(place)[0]
    bind_deps(app, deps)
    _MADE.append((app, store))
    return app


def forget() -> None:
    """Make the next applications anew: for tests that change what an application is made of."""
    _MADE.clear()


def _new(deps: AppDeps) -> Flask:
    app = QuickFlask("sesame")
    bind_deps(app, deps)
    for blueprint in create_blueprints():
        app.register_blueprint(blueprint)
    return app

"""Everything that answers under /app, for the server to register on its application."""

from typing import cast

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState

from smart_app.errors import handle_app_errors
from smart_app.launch.blueprint import launch_blueprint
from smart_app.pages.assets import create_assets
from smart_app.pages.blueprint import create_pages
from smart_app.security import secure_app
from smart_app.team.blueprint import create_team


def create_blueprints() -> list[Blueprint]:
    """The app's blueprints; registering them also gives the application our headers and our error pages.

    The application needs ``bind_deps`` beside them.
    """
    pages = create_pages()

    def on_application(state: BlueprintSetupState) -> None:
        app = cast("Flask", state.app)
        secure_app(app)
        handle_app_errors(app)

    pages.record_once(on_application)
    return [pages, launch_blueprint(), create_assets(), create_team()]

"""Everything this package serves, for the composition root to register on its Flask application."""

import logging

from flask import Blueprint

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.routes import facade_blueprint
from sesame_fhir.api.oauth.routes import oauth_blueprint


def create_blueprints(deps: ApiDeps) -> list[Blueprint]:
    """The facade under ``/fhir`` and the authorization server under ``/oauth``."""
    # Authlib writes fresh tokens into its debug log.
    logging.getLogger("authlib").setLevel(logging.INFO)
    return [facade_blueprint(deps), oauth_blueprint(deps)]

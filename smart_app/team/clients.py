"""The administrator's pages of applications: other systems that use our facade, what they may do, and their secrets."""

from http import HTTPStatus

from flask import redirect, request
from flask.typing import ResponseReturnValue

from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.clients import ClientRefused, ClientRegistry, DescribedClient
from sesame_fhir.services.errors import NotFound
from smart_app.team.client_subscriptions import in_trouble, post_client_wake, shown_subscriptions
from smart_app.team.client_texts import CLIENT_PROBLEMS, KINDS, NOTIFY_ERRORS, SUBSCRIPTION_STATES
from smart_app.team.context import TeamContext
from smart_app.team.posted import Posted, read_posted
from smart_app.team.render import render
from smart_app.team.routing import TeamRoute

VIEW, CHANGE = "view-clients", "change-clients"
NEW = "new-client"
"""What the form of a client that does not exist yet is about."""

_SEE_OTHER = 303
_EMPTY = DescribedClient("", "", "asymmetric", "")


def show_clients(page: TeamContext) -> str:
    """Every application, by its id."""
    return render(
        page,
        "team/clients.html",
        clients=_registry(page).all(),
        site_name=page.deps.team.site_name,
        troubled=in_trouble(page),
    )


def show_new_client(page: TeamContext) -> str:
    """An empty form."""
    return _form(page, None, _EMPTY)


def post_new_client(page: TeamContext) -> ResponseReturnValue:
    """Register the application, and show its secret if it was given one."""
    posted = read_posted(page, NEW)
    return _save(page, None, _described(posted, posted.values.get("client_id", "").strip()))


def show_client(page: TeamContext, client_id: str) -> str:
    """One application: change it, give it a new secret, close it or open it again. Raises NotFound."""
    found = _known(page, client_id)
    return _form(page, found, _as_described(found))


def post_client(page: TeamContext, client_id: str) -> ResponseReturnValue:
    """Change an application. Raises NotFound."""
    posted = read_posted(page, client_id)
    return _save(page, _known(page, client_id), _described(posted, client_id))


def post_client_secret(page: TeamContext, client_id: str) -> ResponseReturnValue:
    """Show a new secret, once. Raises NotFound."""
    read_posted(page, client_id)
    secret = _registry(page).new_secret(client_id, page.actor)
    return _secret(page, _known(page, client_id), secret)


def post_client_state(page: TeamContext, client_id: str) -> ResponseReturnValue:
    """Close the application, or open it again. Raises NotFound."""
    posted = read_posted(page, client_id)
    _registry(page).set_active(client_id, page.actor, active=posted.values.get("active") == "yes")
    return redirect(page.url("show_clients"), _SEE_OTHER)


def _save(page: TeamContext, known: OAuthClient | None, described: DescribedClient) -> ResponseReturnValue:
    try:
        secret = _registry(page).save(described, page.actor, new=known is None)
    except ClientRefused as refused:
        return _form(page, known, described, refused), HTTPStatus.UNPROCESSABLE_ENTITY
    if secret is not None:
        return _secret(page, _known(page, described.client_id), secret)
    return redirect(page.url("show_clients"), _SEE_OTHER)


def _form(
    page: TeamContext, known: OAuthClient | None, described: DescribedClient, refused: ClientRefused | None = None
) -> str:
    found = () if refused is None else refused.problems
    return render(
        page,
        "team/client.html",
        subject=NEW if known is None else known.client_id,
        client=known,
        described=described,
        kinds=KINDS,
        sites=page.deps.team.sites,
        problems=tuple((CLIENT_PROBLEMS[problem], shown) for problem, shown in found),
        subscriptions=() if known is None else shown_subscriptions(page, known.client_id),
        subscription_state=SUBSCRIPTION_STATES,
        notify_error=NOTIFY_ERRORS,
    )


def _secret(page: TeamContext, client: OAuthClient, secret: str) -> str:
    return render(page, "team/client_secret.html", client=client, secret=secret)


def _described(posted: Posted, client_id: str) -> DescribedClient:
    values = posted.values
    return DescribedClient(
        client_id=client_id,
        name=values.get("name", ""),
        kind=values.get("kind", ""),
        scopes=values.get("scopes", ""),
        redirect_uris=tuple(values.get("redirect_uris", "").split()),
        launch_uri=values.get("launch_uri", "").strip(),
        jwks_uri=values.get("jwks_uri", "").strip(),
        jwks=values.get("jwks", "").strip(),
        sites=posted.choices("site"),
        origins=tuple(values.get("origins", "").split()),
        notify_origins=tuple(values.get("notify_origins", "").split()),
        may_assert_professionals=values.get("may_assert_professionals") == "yes",
    )


def _as_described(client: OAuthClient) -> DescribedClient:
    return DescribedClient(
        client_id=client.client_id,
        name=client.name,
        kind=client.kind.value,
        scopes=" ".join(client.scopes),
        redirect_uris=client.redirect_uris,
        launch_uri=client.launch_uri or "",
        jwks_uri=client.jwks_uri or "",
        jwks=client.jwks_text,
        sites=client.sites,
        origins=client.origins,
        notify_origins=client.notify_origins,
        may_assert_professionals=client.may_assert_professionals,
    )


def _registry(page: TeamContext) -> ClientRegistry:
    if page.deps.clients is None:
        raise NotFound(request.path)
    return page.deps.clients


def _known(page: TeamContext, client_id: str) -> OAuthClient:
    client = _registry(page).find(client_id)
    if client is None:
        raise NotFound(client_id)
    return client


ROUTES = (
    TeamRoute("GET", "/clients", VIEW, show_clients),
    TeamRoute("GET", "/clients/new", CHANGE, show_new_client),
    TeamRoute("POST", "/clients/new", CHANGE, post_new_client),
    TeamRoute("GET", "/clients/of/<client_id>", CHANGE, show_client),
    TeamRoute("POST", "/clients/of/<client_id>", CHANGE, post_client),
    TeamRoute("POST", "/clients/of/<client_id>/secret", CHANGE, post_client_secret),
    TeamRoute("POST", "/clients/of/<client_id>/state", CHANGE, post_client_state),
    TeamRoute("POST", "/clients/of/<client_id>/subscriptions/<subscription_id>/wake", CHANGE, post_client_wake),
)

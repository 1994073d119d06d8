"""A SMART app that nobody here wrote might look like this: a public client in a browser, without a library.

It is launched, finds the authorization server, signs in with PKCE, exchanges the code and reads the patient, all by
requests from its own origin.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT_ID = "app-etrangere"
SCOPE = (
    "openid fhirUser launch launch/patient online_access patient/Patient.r patient/EpisodeOfCare.r user/Practitioner.r"
)

_PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Application étrangère</title>
<main><h1>Application étrangère</h1><p id="patient"></p><p id="user"></p><p id="told"></p><p id="problem"></p></main>
<script>
const asked = new URLSearchParams(location.search), own = location.origin + "/back";
const text = bytes => btoa(String.fromCharCode(...bytes)).replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
const random = () => text(crypto.getRandomValues(new Uint8Array(32)));
const json = async (url, options) => { const answer = await fetch(url, options); return answer.json(); };
async function launch() {
  const iss = asked.get("iss"), verifier = random(), state = random();
  const server = await json(iss + "/.well-known/smart-configuration");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  sessionStorage.setItem(state, JSON.stringify({iss, verifier, token: server.token_endpoint}));
  const wanted = {response_type: "code", client_id: "%(client_id)s", redirect_uri: own, state, aud: iss,
    scope: asked.get("launch") ? "%(scope)s" : "%(scope)s".replace(" launch ", " "),
    code_challenge: text(new Uint8Array(digest)), code_challenge_method: "S256"};
  if (asked.get("launch")) wanted.launch = asked.get("launch");
  location.assign(server.authorization_endpoint + "?" + new URLSearchParams(wanted));
}
async function back() {
  const {iss, verifier, token} = JSON.parse(sessionStorage.getItem(asked.get("state")));
  const form = {grant_type: "authorization_code", code: asked.get("code"), redirect_uri: own,
    client_id: "%(client_id)s", code_verifier: verifier};
  const given = await json(token, {method: "POST", body: new URLSearchParams(form)});
  const headers = {Authorization: "Bearer " + given.access_token};
  const patient = await json(iss + "/Patient/" + given.patient, {headers});
  const claims = JSON.parse(atob(given.id_token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  const user = await json(claims.fhirUser, {headers});
  document.querySelector("#patient").textContent = patient.name[0].family + " " + patient.name[0].given[0];
  document.querySelector("#user").textContent = user.name[0].text;
  const told = (given.fhirContext || []).map(one => one.reference.split("/")[0]);
  document.querySelector("#told").textContent = told.join(" ");
}
(location.pathname === "/launch" ? launch() : back()).catch(
  problem => { document.querySelector("#problem").textContent = String(problem); });
</script></html>"""


def page(request: Request) -> Response:
    """Both addresses of the app are one page."""
    html = _PAGE % {"client_id": CLIENT_ID, "scope": SCOPE}
    return Response(html, status=200 if request.path in {"/launch", "/back"} else 404, mimetype="text/html")


@contextmanager
def strangers_app() -> Iterator[str]:
    """Serve the app on a free port; its origin."""
    server = make_server("localhost", 0, Request.application(page), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()

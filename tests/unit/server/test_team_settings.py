"""Sites, sessions and providers as a deployment writes them."""

from pathlib import Path

import pytest

import mappings.billing
from mappings.billing.layout import Kind
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.registration import RegistrationError
from sesame_fhir.server.settings import Settings, SettingsError, load
from sesame_fhir.server.team import team_settings
from smart_app.team.settings import OidcProvider

NEUTRAL = (Path(mappings.billing.__file__).parent / "layouts" / "neutral-claims.json").read_text(encoding="utf-8")
PSC = """
[team]
idle_minutes = 15
absolute_hours = 8
[site]
id = "home"
[[sites]]
id = "other"
name = "Maison de santé fictive"
[[oidc]]
name = "Pro Santé Connect"
issuer = "https://op.example/realms/psc"
client_id = "ours"
secret_file = "SECRET"
claim = "SubjectNameID"
scopes = "openid scope_all"
acr_values = "eidas1"
"""


def loaded(folder: Path, toml: str, environ: dict[str, str] | None = None) -> Settings:
    (folder / "secret").write_text("very secret\n", encoding="utf-8")
    file = folder / "sesame.toml"
    file.write_text(toml.replace("SECRET", str(folder / "secret")), encoding="utf-8")
    return load(file, environ or {})


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    made = team_settings(loaded(tmp_path, PSC))
    assert (made.idle_seconds, made.absolute_seconds, made.home_site) == (900, 28800, "home")
    assert made.sites == {"home": "home", "other": "Maison de santé fictive"}
    assert made.site_name(SiteId("closed")) == "closed"
    assert made.oidc == (
        OidcProvider(
            "Pro Santé Connect",
            "https://op.example/realms/psc",
            "ours",
            "very secret",
            "SubjectNameID",
            "openid scope_all",
            "eidas1",
        ),
    )
    assert "very secret" not in repr(made)


def test_nothing_said(tmp_path: Path) -> None:
    made = team_settings(loaded(tmp_path, ""))
    assert (made.idle_seconds, made.absolute_seconds, dict(made.sites)) == (1800, 43200, {"site-1": "site-1"})
    assert made.oidc == ()


def test_lists_come_from_the_environment_too(tmp_path: Path) -> None:
    environ = {
        "SESAME_SITES": '[{"id": "site-1", "name": "Ici"}]',
        "SESAME_OIDC": '[{"name": "OP", "issuer": "http://127.0.0.1:9/fhir", "client_id": "x"}]',
    }
    made = team_settings(loaded(tmp_path, "", environ))
    assert dict(made.sites) == {"site-1": "Ici"}
    assert made.oidc == (OidcProvider("OP", "http://127.0.0.1:9/fhir", "x"),)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ('[[sites]]\nid = "a b"\nname = "x"\n', "sites.0.id"),
        ('[[sites]]\nid = "a"\n', "sites.0"),
        ('[[oidc]]\nname = "x"\nissuer = "https://op.example"\n', "oidc.0"),
        ('[[oidc]]\nname = "x"\nissuer = "https://op.example"\nclient_id = "x"\nscopes = "email"\n', "oidc.0.scopes"),
        ("[team]\nidle_minutes = 0\n", "team.idle_minutes"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, wrong: str, where: str) -> None:
    with pytest.raises(SettingsError, match=where):
        loaded(tmp_path, wrong)


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        ("https://op.example/realms/psc", "http://op.example", "without TLS"),
        ("SECRET", "/nowhere", "cannot be read"),
    ],
)
def test_what_cannot_work_is_said(tmp_path: Path, found: str, instead: str, said: str) -> None:
    with pytest.raises(RegistrationError, match=said):
        team_settings(loaded(tmp_path, PSC.replace(found, instead)))


def test_layouts_of_the_payers_files_take_the_place_of_ours_of_their_kind(tmp_path: Path) -> None:
    own = tmp_path / "payer.json"
    own.write_text(NEUTRAL.replace('"neutral-claims"', '"payer"'), encoding="utf-8")
    settings = loaded(tmp_path, f'[billing]\nlayouts = ["neutral-claims", "{own}"]\n')
    made = team_settings(settings)
    assert [layout.name for layout in made.layouts_of(Kind.CLAIMS)] == ["neutral-claims", "payer"]
    assert made.layouts_of(Kind.ANSWERS) == ()
    own.write_text("{}", encoding="utf-8")
    with pytest.raises(RegistrationError, match=r"billing.layouts: .*payer.json: .*name"):
        team_settings(settings)
    with pytest.raises(RegistrationError, match=r"^billing.layouts: /nowhere: cannot be read"):
        team_settings(loaded(tmp_path, '[billing]\nlayouts = ["/nowhere"]\n'))

"""Logging in, what ends a session, and how often one may try."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from coterie.accounts import actions, audit
from coterie.accounts.models import AuditEntry, Role, User
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.server

AUTH = "/_allauth/browser/v1/auth"


class Browser:
    """A browser that logs in through the headless endpoints, with its own cookies."""

    def __init__(self, **environ: Any) -> None:
        self.client = Client(enforce_csrf_checks=True, **environ)

    def post(self, path: str, body: dict[str, object], **extra: Any) -> HttpResponse:
        if "coterie_csrf" not in self.client.cookies:
            self.client.get("/_allauth/browser/v1/config")
            self.client.get("/accounts/login/")
        token = self.client.cookies["coterie_csrf"].value
        return self.client.post(
            path,
            body,
            content_type="application/json",
            headers={"X-CSRFToken": token, **extra.pop("headers", {})},
            **extra,
        )

    def login(self, email: str, password: str = PASSWORD, **extra: Any) -> HttpResponse:
        return self.post(f"{AUTH}/login", {"email": email, "password": password}, **extra)

    def who(self) -> int:
        return self.client.get("/api/v1/session").status_code


@pytest.fixture
def alice_at_two_places(world: World) -> list[Browser]:
    browsers = [Browser(), Browser()]
    for browser in browsers:
        assert browser.login("alice@example.org").status_code == 200
        assert browser.who() == 200
    return browsers


def test_it_works(world: World) -> None:
    browser = Browser()
    assert browser.who() == 401
    assert browser.login("Alice@Example.ORG").status_code == 200
    session = browser.client.get("/api/v1/session").json()
    assert session["user"] == {
        "id": world.alice.public_id,
        "email": "alice@example.org",
        "name": "",
        "job_mails": "always",
    }
    assert [(row["slug"], row["role"]) for row in session["workspaces"]] == [("acme", "owner")]


def test_the_plain_pages_log_in_too(world: World) -> None:
    client = Client()
    answer = client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/api/v1/session").status_code == 200


@pytest.mark.parametrize(("email", "password"), [("alice@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_a_failure_says_nothing_and_is_logged(world: World, email: str, password: str) -> None:
    browser = Browser()
    answer = browser.login(email, password)
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["email_password_mismatch"]
    entry = AuditEntry.objects.get(action="login.failed")
    assert entry.target == (world.alice.public_id if email.startswith("alice") else "")
    assert entry.details == {"method": "password"}
    assert email not in str(entry.__dict__)


def logged(world: World) -> list[tuple[str, str, str, Any]]:
    """Logins and logouts in the log that owners of the workspace read, oldest first."""
    entries = world.api("alice").call("GET", "/workspaces/acme/audit").json()["entries"]
    found = [(each["action"], each["actor"], each["target"], each["details"]) for each in entries]
    return [each for each in found if each[0].startswith("log")][::-1]


@pytest.mark.parametrize("pages", ["app", "plain"])
def test_logins_and_logouts_are_in_the_audit_log(world: World, pages: str) -> None:
    browser = Browser(REMOTE_ADDR="192.0.2.7")
    if pages == "app":
        assert browser.login("alice@example.org").status_code == 200
        token = browser.client.cookies["coterie_csrf"].value
        assert browser.client.delete(f"{AUTH}/session", headers={"X-CSRFToken": token}).status_code == 401
    else:
        browser.client = Client(REMOTE_ADDR="192.0.2.7")
        browser.client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})
        browser.client.post("/accounts/logout/")
    assert browser.who() == 401
    alice = world.alice.public_id
    assert logged(world) == [
        ("login.ok", f"user:{alice}", alice, {"method": "password"}),
        ("logout", f"user:{alice}", alice, {}),
    ]
    entries = AuditEntry.objects.filter(action__in=["login.ok", "logout"])
    # Once for the workspace, once for the installation.
    assert [entries.filter(workspace=place).count() for place in (world.acme, None)] == [2, 2]
    assert set(entries.values_list("ip", flat=True)) == {"192.0.2.7"}
    assert [audit.verify_chain(place) for place in (world.acme, None)] == [None, None]


def test_a_login_is_not_in_the_log_of_other_workspaces(world: World) -> None:
    Browser().login("charlie@example.org")
    assert AuditEntry.objects.filter(action="login.ok").exists()
    assert logged(world) == []


def test_an_unknown_user_costs_a_hash_too(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    calls = []
    encode = Argon2PasswordHasher.encode
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *args: calls.append(args) or encode(*args))
    Browser().login("nobody@example.org")
    assert len(calls) == 1


def test_passwords_are_kept_as_argon2id(db: None, settings: Any) -> None:
    from coterie import settings as real

    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    user = actions.create_user(audit.SYSTEM, email="x@example.org", password=PASSWORD)
    found = re.fullmatch(r"argon2\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$.+", user.password)
    assert found is not None
    memory_kib, passes, _ = map(int, found.groups())
    assert memory_kib >= 19 * 1024
    assert passes >= 2


def test_a_changed_password_ends_all_sessions(alice_at_two_places: list[Browser]) -> None:
    here, there = alice_at_two_places
    change = {"current_password": PASSWORD, "new_password": "another long secret"}
    here.post("/_allauth/browser/v1/account/password/change", change)
    assert [here.who(), there.who()] == [401, 401]
    assert AuditEntry.objects.filter(action="password.changed").count() == 1
    assert Browser().login("alice@example.org", "another long secret").status_code == 200


@pytest.mark.parametrize("what", ["role", "removal", "disable"])
def test_what_else_ends_all_sessions(world: World, alice_at_two_places: list[Browser], what: str) -> None:
    actions.add_member(audit.SYSTEM, world.acme, email="charlie@example.org", role=Role.OWNER)
    match what:
        case "role":
            actions.change_role(audit.SYSTEM, world.acme, user_id=world.alice.public_id, role=Role.AGENT)
        case "removal":
            actions.remove_member(audit.SYSTEM, world.acme, user_id=world.alice.public_id)
        case _:
            actions.set_user_active(audit.SYSTEM, world.alice, active=False)
    assert [browser.who() for browser in alice_at_two_places] == [401, 401]
    again = Browser()
    again.login("alice@example.org")
    assert again.who() == (401 if what == "disable" else 200)


def test_too_many_failures_lock_the_account_whatever_the_host_header_and_address(world: World) -> None:
    for number in range(5):
        extra = {"HTTP_HOST": f"localhost:{9000 + number}", "REMOTE_ADDR": f"192.0.2.{number}"}
        assert Browser().login("alice@example.org", "wrong", **extra).status_code == 400
    assert _is_limited(Browser().login("alice@example.org", REMOTE_ADDR="198.51.100.1", HTTP_HOST="localhost:7"))
    assert Browser().login("bob@example.org").status_code == 200


def test_too_many_failures_lock_the_address(world: World) -> None:
    for number in range(20):
        Browser().login(f"nobody{number}@example.org", "wrong", REMOTE_ADDR="192.0.2.9")
    assert _is_limited(Browser().login("alice@example.org", REMOTE_ADDR="192.0.2.9"))
    assert Browser().login("alice@example.org", REMOTE_ADDR="192.0.2.10").status_code == 200


def test_a_made_up_forwarding_header_does_not_move_the_limit(world: World) -> None:
    for number in range(20):
        forwarded = {"HTTP_X_FORWARDED_FOR": f"198.51.100.{number}"}
        Browser().login(f"nobody{number}@example.org", "wrong", REMOTE_ADDR="192.0.2.9", **forwarded)
    assert _is_limited(
        Browser().login("alice@example.org", REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR="198.51.100.99")
    )


def test_limits_are_rows_and_so_outlast_a_restart(world: World) -> None:
    from django.db import connection

    Browser().login("alice@example.org", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_cache WHERE cache_key LIKE '%login_failed%'")
        assert cursor.fetchone()[0] == 2
    assert type(cache._connections["default"]).__name__ == "DatabaseCache"  # type: ignore[attr-defined]


def test_a_reset_goes_to_the_configured_address_and_does_not_log_in(world: World) -> None:
    client = Client()
    answer = client.post("/accounts/password/reset/", {"email": "alice@example.org"}, HTTP_HOST="localhost:6666")
    assert answer.status_code == 302
    found = re.search(r"(http\S+?)/reset/(\S+)", str(mail.outbox[0].body))
    assert found is not None
    assert found[1] == "http://localhost:8000"
    # With the colon: among the digits of the key and of the Message-ID the port alone may stand by chance.
    assert ":6666" not in str(mail.outbox[0].message())

    browser = Browser()
    new = {"key": found[2], "password": "another long secret"}
    assert browser.post(f"{AUTH}/password/reset", new).json()["meta"] == {"is_authenticated": False}
    assert browser.who() == 401
    assert browser.post(f"{AUTH}/password/reset", new).status_code == 400
    assert Browser().login("alice@example.org", "another long secret").status_code == 200


@pytest.mark.parametrize(
    ("language", "subject", "word"),
    [
        ("en", "Coterie: Password Reset Email", "password"),
        ("de", "Coterie: E-Mail zum Zurücksetzen des Passworts", "Passwort"),
    ],
)
def test_a_reset_is_in_the_language_of_the_first_workspace(
    world: World, language: str, subject: str, word: str
) -> None:
    """Someone who was just added sets their first password with this mail."""
    actions.change_workspace(audit.SYSTEM, world.acme, changes={"language": language})
    actions.add_member(audit.SYSTEM, world.acme, email="neu@example.org", role=Role.AGENT)
    Browser().post("/_allauth/browser/v1/auth/password/request", {"email": "neu@example.org"})
    (message,) = mail.outbox
    assert message.subject == subject
    assert word in str(message.body)


def test_a_reset_for_an_unknown_address_looks_the_same_and_sends_nothing(world: World) -> None:
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": email})
        for email in ("alice@example.org", "no@example.org")
    )
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]


def test_signup_is_open_for_the_first_user_only(db: None, settings: Any) -> None:
    def sign_up(email: str) -> int:
        return Browser().post(f"{AUTH}/signup", {"email": email, "password": PASSWORD}).status_code

    assert sign_up("first@example.org") == 200
    assert sign_up("second@example.org") == 403
    assert list(User.objects.values_list("email", flat=True)) == ["first@example.org"]
    settings.COTERIE_OPEN_SIGNUP = True
    assert sign_up("third@example.org") == 200


def test_a_second_factor_is_asked_for_and_its_secret_is_sealed(world: World) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time

    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(world.alice, secret)
    assert secret not in str(Authenticator.objects.get().data)
    browser = Browser()
    assert browser.login("alice@example.org").status_code == 401
    assert browser.who() == 401
    assert browser.post(f"{AUTH}/2fa/authenticate", {"code": "000000"}).status_code == 400
    # The latest of the codes that are taken now: it holds longest, however slow this machine is.
    code = format_hotp_value(hotp_value(secret, max(yield_hotp_counters_from_time())))
    assert browser.post(f"{AUTH}/2fa/authenticate", {"code": code}).status_code == 200
    assert browser.who() == 200
    alice = world.alice.public_id
    assert logged(world) == [
        ("login.failed", "anonymous", alice, {"method": "second factor"}),
        ("login.ok", f"user:{alice}", alice, {"method": "password + second factor"}),
    ]


@pytest.mark.parametrize("path", ["/api/v1/workspaces", f"{AUTH}/login", "/accounts/login/", "/accounts/logout/"])
def test_unsafe_requests_with_a_cookie_need_the_token(world: World, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.alice)
    answer = client.post(path, {"slug": "x", "name": "X"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_a_foreign_origin_is_refused_even_with_the_token(world: World) -> None:
    alice = world.api("alice")
    body = {"slug": "x", "name": "X"}
    assert alice.call("POST", "/workspaces", body, Origin="https://evil.example").status_code == 403
    assert alice.call("POST", "/workspaces", body, Origin="http://localhost:8000").status_code == 201


def test_cookies_are_closed_to_scripts_and_other_sites(world: World) -> None:
    browser = Browser()
    browser.login("alice@example.org")
    cookie = browser.client.cookies["coterie_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def _is_limited(answer: HttpResponse) -> bool:
    return answer.status_code == 400 and answer.json()["errors"][0]["code"] == "too_many_login_attempts"  # type: ignore[attr-defined, no-any-return]

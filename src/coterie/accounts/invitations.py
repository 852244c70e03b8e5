"""The mail by which someone learns that they have become a member of a workspace."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from allauth.core import ratelimit
from django.conf import settings
from django.core.mail import EmailMessage

from coterie.accounts.adapter import display_name
from coterie.accounts.models import Language, User, WorkspaceMember
from coterie.accounts.permissions import ApiRequest

_log = logging.getLogger(__name__)

_WORDS: Final = {
    Language.ENGLISH: {
        "subject": "{workspace}: you are a member now",
        "added": "{who} has added you to the workspace {workspace} on Coterie.",
        "password": "Choose a password here:",
        "expires": "The link works once, and for {days} days. After that, “Forgot your password?” on the login page "
        "sends another one.",
        "open": "It is here:",
    },
    Language.GERMAN: {
        "subject": "{workspace}: Sie sind jetzt Mitglied",
        "added": "{who} hat Sie in den Arbeitsbereich {workspace} auf Coterie aufgenommen.",
        "password": "Wählen Sie hier ein Passwort:",
        "expires": "Der Link gilt einmal und {days} Tage lang. Danach schickt Ihnen „Passwort vergessen?“ auf der "
        "Anmeldeseite einen neuen.",
        "open": "Sie finden ihn hier:",
    },
}


def send(request: ApiRequest, member: WorkspaceMember) -> bool:
    """Tell a new member, in the language of the workspace; True when a mail server has taken the mail.

    Someone without a password gets a link to choose one. Without a mail server the mail is written to the log; a
    failure is logged, and the member can still ask for a new password on the login page. So they can when whoever
    adds them has added more than ACCOUNT_RATE_LIMITS says, and no mail is sent.
    """
    by = request.caller.user
    assert by is not None  # no key may add members
    if not ratelimit.consume(request, action="add_member", key=by.public_id):
        return False
    try:
        _message(member, by).send()
    except Exception as error:
        # They are a member all the same, whatever a mail server answers.
        _log.warning("no mail to new member %s: %s: %s", member.user.public_id, type(error).__name__, error)
        return False
    return bool(settings.EMAIL_HOST)


def _message(member: WorkspaceMember, by: User) -> EmailMessage:
    user, workspace = member.user, member.workspace
    words = _WORDS[Language.of(workspace.language)]
    lines = [words["added"], ""]
    if user.has_usable_password():
        lines += [words["open"], f"{settings.COTERIE_BASE_URL}/w/{workspace.slug}"]
    else:
        lines += [words["password"], _link(user), "", words["expires"]]
    days = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days
    told = {"workspace": workspace.name, "who": display_name(by), "days": days}
    # A line break in a name must not begin another header.
    subject = " ".join(words["subject"].format_map(told).split())
    return EmailMessage(subject=subject, body="\n".join(lines).format_map(told), to=[user.email])


def _link(user: User) -> str:
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return str(get_adapter().get_reset_password_from_key_url(f"{user_pk_to_url_str(user)}-{token}"))

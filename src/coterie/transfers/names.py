"""What columns are called in files of people, and which field that means."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from coterie.filters.fields import BUILTIN_FIELDS

NUMBER: Final = "number"
"""The person's own number, as an export has it: it finds people, and is no field."""

_CALLED: Final = {
    "email": (
        "email, e mail, mail, email address, e mail address, mail address, primary email, work email, emailadresse, "
        "e mail adresse, correo, correo electronico, courriel, adresse email, adresse mail, email adresse, e posta"
    ),
    "phone": (
        "phone, phone number, telephone, telephone number, tel, mobile, mobile phone, mobile number, cell, cell phone, "
        "cellphone, contact number, handy, handynummer, telefon, telefonnummer, mobil, rufnummer, telefono, movil, "
        "celular, portable, numero de telephone"
    ),
    "name": "name, full name, fullname, contact name, customer name, vollstandiger name, nombre, nombre completo, nom",
    "first_name": "first name, firstname, given name, forename, vorname, prenom, primer nombre",
    "last_name": "last name, lastname, surname, family name, nachname, familienname, apellido, apellidos",
    "user_id": (
        "user id, userid, customer id, customerid, client id, contact id, member id, external id, account id, "
        "kundennummer, kunden id, kunden nr, id cliente, id client, id"
    ),
    "country": "country, country name, country code, land, pais, pays, nation",
    "city": "city, town, ort, stadt, wohnort, ciudad, ville, locality",
    "language": "language, lang, locale, sprache, idioma, langue",
    "timezone": "timezone, time zone, tz, zeitzone",
    "gender": "gender, sex, geschlecht, genero, sexe",
    "username": "username, user name, login, nickname, benutzername",
    "created_at": "created at, created, created on, date created, signup date, sign up date, registered at, joined at",
    "first_seen": "first seen, first visit",
    "last_seen": "last seen, last activity, last active, last visit",
    "ip": "ip, ip address",
    "referrer": "referrer, referer",
    "avatar": "avatar, avatar url, photo url, picture",
    "banned": "banned, blocked, gesperrt",
    "tags": "tags, tag, labels, schlagworte, etiquetas",
    NUMBER: "number, person number, coterie number",
}


def plain(header: str) -> str:
    """A header as it is compared: lower case, without accents, words between single blanks."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header.strip())
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", split) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", bare.replace("_", " ").lower()))


@lru_cache(maxsize=1)
def _meanings() -> dict[str, str]:
    found = {plain(called): field for field, names in _CALLED.items() for called in names.split(", ")}
    for name, row in BUILTIN_FIELDS.items():
        found.setdefault(plain(name), name)
        found.setdefault(plain(row.label), name)
    return found


def meant(header: str) -> str | None:
    """The built-in field, or the attribute of a name's part, that a header means; None when it is not known."""
    return _meanings().get(plain(header))

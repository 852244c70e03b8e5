"""Fields a filter can name: their types, the built-in ones, and the catalogue of one workspace."""

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from coterie.filters.errors import UnknownField, UnknownSegment
from coterie.kit.reasons import Reason


class FieldType(StrEnum):
    """The six types a value can have."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "date"
    LIST = "list"


TYPE_WORDS: Mapping[FieldType, Reason] = {
    FieldType.TEXT: Reason("type_text", "text"),
    FieldType.NUMBER: Reason("type_number", "number"),
    FieldType.BOOLEAN: Reason("type_boolean", "boolean"),
    FieldType.DATETIME: Reason("type_datetime", "datetime"),
    FieldType.DATE: Reason("type_date", "date"),
    FieldType.LIST: Reason("type_list", "list"),
}
"""What a reader is told of a type."""

# What a property of an event can be read as; events have no declared types.
PROPERTY_TYPES = frozenset({FieldType.TEXT, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATETIME})

Semantic = Literal["email", "phone"]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing known about people, built in or made by the workspace."""

    name: str
    label: str
    type: FieldType
    group: str = "Custom"
    semantic: Semantic | None = None
    builtin: bool = False
    sortable: bool = True
    description: str = ""


def _builtin(
    name: str, label: str, type: FieldType, group: str, description: str, *, semantic: Semantic | None = None
) -> Field:
    return Field(
        name=name,
        label=label,
        type=type,
        group=group,
        semantic=semantic,
        builtin=True,
        sortable=type is not FieldType.LIST,
        description=description,
    )


_T = FieldType
BUILTIN_FIELDS: Mapping[str, Field] = {
    row.name: row
    for row in (
        _builtin("name", "Name", _T.TEXT, "Person", "Full name."),
        _builtin("email", "Email", _T.TEXT, "Person", "Main email address.", semantic="email"),
        _builtin("phone", "Phone", _T.TEXT, "Person", "Main phone number, in E.164 form.", semantic="phone"),
        _builtin("gender", "Gender", _T.TEXT, "Person", "Gender, as the channel or the person tells it."),
        _builtin("avatar", "Avatar", _T.TEXT, "Person", "Address of the avatar image."),
        _builtin("username", "Username", _T.TEXT, "Person", "Name on the channel."),
        _builtin("user_id", "User ID", _T.TEXT, "Person", "Id from the system the person comes from."),
        _builtin("tags", "Tags", _T.LIST, "Person", "Tags put on the person."),
        _builtin("banned", "Banned", _T.BOOLEAN, "Person", "True when the person is banned."),
        _builtin("tester", "Tester", _T.BOOLEAN, "Person", "True when the person is one of the workspace's testers."),
        _builtin("city", "City", _T.TEXT, "Place", "City."),
        _builtin("country", "Country", _T.TEXT, "Place", "English name of the country."),
        _builtin("language", "Language", _T.TEXT, "Place", "Language."),
        _builtin("timezone", "Time zone", _T.TEXT, "Place", "Time zone of the person."),
        _builtin("ip", "IP", _T.TEXT, "Place", "Last IP address seen."),
        _builtin("referrer", "Referrer", _T.TEXT, "Origin", "The page the person came from."),
        _builtin("integration", "Integration", _T.TEXT, "Origin", "Integration used in the chat."),
        _builtin("source_url", "Source URL", _T.TEXT, "Origin", "The page where the chat took place."),
        _builtin("source", "Source", _T.TEXT, "Origin", "Where the person first came from."),
        _builtin("channel", "Channel", _T.TEXT, "Conversation", "The channel of the latest chat."),
        _builtin("channels", "Channels", _T.LIST, "Conversation", "Every channel on which the person is known."),
        _builtin("campaign", "Campaign", _T.TEXT, "Conversation", "Current campaign."),
        _builtin("created_at", "Created", _T.DATETIME, "Activity", "When the person was added here."),
        _builtin("first_seen", "First seen", _T.DATETIME, "Activity", "Time of the first chat or event."),
        _builtin("last_seen", "Last seen", _T.DATETIME, "Activity", "Time of the latest chat or event."),
        _builtin(
            "last_message_at", "Last message at", _T.DATETIME, "Conversation", "Time of the person's last message."
        ),
        _builtin("last_message", "Last message", _T.TEXT, "Conversation", "Text of the person's last message."),
        _builtin("current_message", "Current message", _T.TEXT, "Conversation", "The message being answered now."),
    )
}

# Names that integrations and flows use for built-in fields.
FIELD_ALIASES: Mapping[str, str] = {
    "default_email": "email",
    "default_name": "name",
    "default_phone": "phone",
    "default_gender": "gender",
    "default_avatar": "avatar",
    "default_city": "city",
    "default_country": "country",
    "default_language": "language",
    "default_timezone": "timezone",
    "default_referrer": "referrer",
    "default_source": "integration",
    "default_url": "source_url",
    "default_ip": "ip",
    "default_username": "username",
    "lastSeen": "last_seen",
    "createdAt": "created_at",
    "userId": "user_id",
}


@dataclass(frozen=True)
class Catalogue:
    """What a filter of one workspace may name.

    `segments` maps public ids to names and holds only what the caller may see. `events` are the known event names;
    None means that any name may stand.
    """

    fields: Mapping[str, Field]
    segments: Mapping[str, str] = field(default_factory=dict)
    events: Collection[str] | None = None

    @classmethod
    def of(
        cls,
        custom: Iterable[Field] = (),
        *,
        segments: Mapping[str, str] | None = None,
        events: Collection[str] | None = None,
    ) -> "Catalogue":
        """The built-in fields and the custom ones of a workspace; a custom field never replaces a built-in one."""
        mine = {row.name: row for row in custom}
        return cls(fields={**mine, **BUILTIN_FIELDS}, segments=segments or {}, events=events)

    def field(self, name: str) -> Field:
        """The field of that name or alias; UnknownField with the nearest names when there is none."""
        name = unicodedata.normalize("NFC", name)
        found = self.fields.get(name)
        if found is None and name in FIELD_ALIASES:
            found = self.fields.get(FIELD_ALIASES[name])
        if found is None:
            raise UnknownField(name, nearest(name, self.fields))
        return found

    def segment_id(self, name: str) -> str:
        """The id of the segment of that name (case is ignored) or id; UnknownSegment when there is none or several."""
        ids = self._by_name.get(name.casefold(), ())
        if len(ids) > 1:
            ids = tuple(id for id in ids if self.segments[id] == name)
        if len(ids) == 1:
            return ids[0]
        if name in self.segments:
            return name
        raise UnknownSegment(name, nearest(name, self.segments.values()))

    def segment_name(self, id: str) -> str:
        """What a sentence calls the segment: its name where that leads back to it, else its id."""
        name = self.segments.get(id, id)
        try:
            return name if self.segment_id(name) == id else id
        except UnknownSegment:
            return id

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[str, ...]]:
        ids: dict[str, tuple[str, ...]] = {}
        for id, name in self.segments.items():
            ids[name.casefold()] = (*ids.get(name.casefold(), ()), id)
        return ids


def of_type(name: str, type: FieldType) -> Reason:
    """A field with its type, as a reader is told of it."""
    return Reason("field_of_type", "{field} ({type})", field=name, type=TYPE_WORDS[type])


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known names most like `name`, best first, at most three; case is ignored."""
    spelled = {word.casefold(): word for word in known}
    return [spelled[word] for word in difflib.get_close_matches(name.casefold(), list(spelled), n=3, cutoff=0.6)]

"""Names to columns: which JSON path holds a field, which number an event has, which path an event's property.

A path is a letter for the type and the row's id (`n17`), or the built-in's own name (`t_country`): a name that a user
chose is never part of SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from coterie.filters.fields import BUILTIN_FIELDS, FieldType
from coterie.people.models import Attribute, EventName, EventProperty

LETTERS: dict[FieldType, str] = {
    FieldType.TEXT: "t",
    FieldType.NUMBER: "n",
    FieldType.BOOLEAN: "b",
    FieldType.DATETIME: "d",
    FieldType.DATE: "y",
    FieldType.LIST: "l",
}
KINDS: dict[FieldType, str] = {
    FieldType.TEXT: "String",
    FieldType.NUMBER: "Float64",
    FieldType.BOOLEAN: "Bool",
    FieldType.DATETIME: "Int64",
    FieldType.DATE: "Int64",
    FieldType.LIST: "`Array(Nullable(String))`",
}


@dataclass(frozen=True)
class Column:
    """One typed JSON path of a table."""

    path: str
    type: FieldType
    base: str = "a"

    @property
    def kind(self) -> str:
        """The ClickHouse type of a value."""
        return KINDS[self.type].strip("`")

    @property
    def x(self) -> str:
        """The SQL of the value: NULL (or the empty array) where there is none."""
        return f"{self.base}.{self.path}.:{KINDS[self.type]}"

    @property
    def region_path(self) -> str:
        """The path of a phone number's region, kept beside the number."""
        return f"r{self.path[1:]}"

    @property
    def region(self) -> str:
        """The SQL of the region."""
        return f"{self.base}.{self.region_path}.:String"


class PlainColumn(Column):
    """The same value where rows have a column of their own for each path."""

    @property
    def x(self) -> str:
        return self.path

    @property
    def region(self) -> str:
        return self.region_path


@dataclass(frozen=True)
class Names:
    """The names of one workspace at one moment.

    `also` are second columns of fields whose type is being changed: values of these are of either type. `deleted` are
    attributes that no filter may name, whose values are kept: they may be restored.
    """

    fields: Mapping[str, Column]
    also: Mapping[str, Column]
    deleted: Mapping[str, Column]
    events: dict[str, int]
    properties: dict[str, int]
    labels: dict[int, str]

    def plain(self) -> Names:
        """The same names for rows with a column for each path."""
        fields = {name: PlainColumn(column.path, column.type) for name, column in self.fields.items()}
        return replace(self, fields=fields)

    def property_column(self, name: str, type: FieldType) -> Column | None:
        """The path of an event's property read as a type; None where no event ever had it."""
        number = self.properties.get(name)
        return None if number is None else Column(f"{LETTERS[type]}{number}", type, base="p")


def load_names(workspace_id: int) -> Names:
    """Read the names of a workspace from SQL: three small queries."""
    fields = {
        field.name: Column(f"{LETTERS[field.type]}_{field.name}", field.type) for field in BUILTIN_FIELDS.values()
    }
    also: dict[str, Column] = {}
    deleted: dict[str, Column] = {}
    attributes = Attribute.objects.of(workspace_id)
    for key, number, kind, other, gone in attributes.values_list("key", "pk", "type", "other_type", "deleted_at"):
        type = FieldType(kind)
        (fields if gone is None else deleted).setdefault(key, Column(f"{LETTERS[type]}{number}", type))
        if other and gone is None:
            also[key] = Column(f"{LETTERS[FieldType(other)]}{number}", FieldType(other))
    events = dict(EventName.objects.of(workspace_id).values_list("name", "pk"))
    properties = dict(EventProperty.objects.of(workspace_id).values_list("name", "pk"))
    return Names(fields, also, deleted, events, properties, {number: name for name, number in events.items()})

"""An index without what earlier tests left there."""

from coterie.audience.engine import engine
from coterie.audience.erasing import TABLES_OF_PEOPLE
from coterie.audience.schema import TABLES


def clear_index() -> None:
    """Empty it: each deletion writes all parts of a table anew."""
    for name in TABLES_OF_PEOPLE:
        table = f"{name}_local" if engine().cluster and TABLES[name].sharded else name
        engine().command(f"TRUNCATE TABLE IF EXISTS {table}", every_node=True)

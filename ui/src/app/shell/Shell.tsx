import { AppShell, Burger } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useShortcut } from "@/shared/shortcuts";
import { InShell } from "../Frame";
import { PLACES, type Place } from "../features";
import { keepEarlyKeys, takeEarlyKeys } from "../palette/earlyKeys";
import { useMay, useSlug } from "../workspace";
import { LeftMenu } from "./LeftMenu";
import classes from "./Shell.module.css";
import { TopBar } from "./TopBar";

const Palette = lazy(() => import("../palette/Palette"));
const ShortcutsHelp = lazy(() => import("./ShortcutsHelp"));

/** The frame around every page of a workspace. */
export function Shell() {
  const { t } = useTranslation();
  const [menuOpen, menu] = useDisclosure();
  const [paletteOpen, palette] = useDisclosure(false, { onOpen: keepEarlyKeys, onClose: takeEarlyKeys });
  const [helpOpen, help] = useDisclosure();
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a small screen, going somewhere closes the menu
  useEffect(menu.close, [path]);
  useShortcut("mod+k", { label: t("shortcuts.palette"), general: true, run: palette.open });
  useShortcut("?", { label: t("shortcuts.help"), general: true, run: help.open });
  return (
    <AppShell
      layout="alt"
      header={{ height: "var(--bar-height)" }}
      navbar={{ width: 224, breakpoint: "sm", collapsed: { mobile: !menuOpen } }}
      classNames={{ header: classes.header, navbar: classes.navbar, main: classes.main }}
    >
      <a className={classes.skip} href="#main">
        {t("skip")}
      </a>
      <AppShell.Navbar aria-label={t("menu.label")}>
        <LeftMenu onClose={menu.close} />
      </AppShell.Navbar>
      <AppShell.Header>
        <Burger
          className={classes.burger}
          opened={menuOpen}
          onClick={menu.toggle}
          size="xs"
          hiddenFrom="sm"
          aria-label={menuOpen ? t("menu.close") : t("menu.open")}
        />
        <TopBar onSearch={palette.open} onHelp={help.open} />
      </AppShell.Header>
      <AppShell.Main>
        {/* Pages scroll in here and not in the document, so that a list can fill exactly what is left. */}
        <div id="main" tabIndex={-1} className={classes.page}>
          <InShell value={true}>
            <Outlet />
          </InShell>
        </div>
      </AppShell.Main>
      {PLACES.map((place) => (
        <GoShortcut key={place.key} place={place} />
      ))}
      <Suspense>
        {paletteOpen && <Palette onClose={palette.close} />}
        {helpOpen && <ShortcutsHelp onClose={help.close} />}
      </Suspense>
    </AppShell>
  );
}

/** The shortcut to a place: g, then the place's key. */
function GoShortcut({ place }: { place: Place }) {
  const { t } = useTranslation();
  const slug = useSlug();
  const navigate = useNavigate();
  const may = useMay(place.permission);
  useShortcut(may ? `g ${place.goKey}` : null, {
    label: t("shortcuts.go", { place: t(`places.${place.key}`) }),
    general: true,
    run: () => void navigate({ to: place.to, params: { slug } }),
  });
  return null;
}

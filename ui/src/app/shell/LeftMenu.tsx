import { CloseButton } from "@mantine/core";
import { Link, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PLACES, type Place } from "../features";
import { useWorkspace } from "../workspace";
import classes from "./LeftMenu.module.css";
import { UserMenu } from "./UserMenu";
import { WorkspaceSwitcher } from "./WorkspaceSwitcher";

/** Workspace, places, and the reader's own menu. */
export function LeftMenu({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { permissions } = useWorkspace();
  const shown = PLACES.filter((place) => permissions.includes(place.permission));
  return (
    <div className={classes.menu}>
      <div className={classes.head}>
        <WorkspaceSwitcher />
        <CloseButton hiddenFrom="sm" aria-label={t("menu.close")} onClick={onClose} />
      </div>
      <Entries places={shown.filter((place) => !place.last)} />
      <div className={classes.foot}>
        <Entries places={shown.filter((place) => place.last)} />
        <UserMenu />
      </div>
    </div>
  );
}

function Entries({ places }: { places: readonly Place[] }) {
  const { t } = useTranslation();
  const { slug } = useWorkspace();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isCovered = (covers: readonly string[] = []) => covers.some((each) => path.startsWith(`/w/${slug}/${each}`));
  return (
    <ul className={classes.entries}>
      {places.map(({ key, to, icon: Icon, covers }) => (
        <li key={key}>
          <Link
            className={classes.entry}
            to={to}
            params={{ slug }}
            {...(isCovered(covers) && { "data-status": "active" })}
          >
            <Icon size={17} stroke={1.7} />
            <span className="truncate">{t(`places.${key}`)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

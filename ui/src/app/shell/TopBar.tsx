import { ActionIcon, Kbd, Tooltip, UnstyledButton } from "@mantine/core";
import { IconKeyboard, IconSearch } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { ModKey } from "./keys";
import classes from "./TopBar.module.css";

const Bell = lazy(() => import("@/features/jobs/Bell"));

/** The bar above every page: search, and the way to the shortcuts. */
export function TopBar({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.bar}>
      <UnstyledButton className={classes.search} onClick={onSearch}>
        <IconSearch size={14} aria-hidden="true" />
        <span className="truncate">{t("palette.open")}</span>
        <span className={classes.keys} aria-hidden="true">
          <Kbd size="xs">
            <ModKey />
          </Kbd>
          <Kbd size="xs">K</Kbd>
        </span>
      </UnstyledButton>
      <div className={classes.end}>
        <Suspense>
          <Bell />
        </Suspense>
      </div>
      <Tooltip label={t("shortcuts.help")}>
        <ActionIcon className={classes.help} onClick={onHelp} aria-label={t("shortcuts.help")}>
          <IconKeyboard size={17} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

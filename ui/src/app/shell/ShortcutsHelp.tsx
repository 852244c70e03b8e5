import { Kbd, Modal } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { type Shortcut, useShortcuts } from "@/shared/shortcuts";
import { ModKey } from "./keys";
import classes from "./ShortcutsHelp.module.css";

/** All shortcuts that are in force on this page. */
export default function ShortcutsHelp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const all = useShortcuts();
  return (
    <Modal opened onClose={onClose} title={t("shortcuts.title")}>
      <Part title={t("shortcuts.here")} rows={all.filter((row) => !row.general)} />
      <Part title={t("shortcuts.general")} rows={all.filter((row) => row.general)} />
    </Modal>
  );
}

function Part({ title, rows }: { title: string; rows: readonly Shortcut[] }) {
  if (!rows.length) return null;
  return (
    <section className={classes.part}>
      <h3 className={classes.title}>{title}</h3>
      <dl className={classes.rows}>
        {rows.map((row) => (
          <div className={classes.row} key={row.keys}>
            <dt>{row.label}</dt>
            <dd>
              <Keys keys={row.keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const NAMES: Record<string, string> = {
  escape: "Esc",
  enter: "↵",
  shift: "⇧",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
};

function Keys({ keys }: { keys: string }) {
  const { t } = useTranslation();
  return keys.split(" ").map((combination, place) => (
    <Fragment key={combination}>
      {place > 0 && <span className={classes.then}>{t("shortcuts.next")}</span>}
      {combination.split("+").map((key) => (
        <Kbd key={key} size="xs">
          {key === "mod" ? <ModKey /> : (NAMES[key] ?? key.toUpperCase())}
        </Kbd>
      ))}
    </Fragment>
  ));
}

import { ActionIcon, Button } from "@mantine/core";
import { IconBan, IconFileExport, IconForms, IconTag, IconTrash, IconUsersPlus, IconX } from "@tabler/icons-react";
import { type ComponentType, lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/workspace";
import { ExportDialog } from "@/features/exports";
import { formatNumber } from "@/shared";
import classes from "./List.module.css";
import { bodyOf, NOBODY, type Selection, sizeOf } from "./selection";
import { useBulk } from "./useBulk";

const BulkDialog = lazy(() => import("./BulkDialog"));

export type Kind = "tag" | "field" | "segment" | "ban" | "delete";
const ACTIONS: readonly {
  kind: Kind;
  permission: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
}[] = [
  { kind: "tag", permission: "people:write", icon: IconTag },
  { kind: "field", permission: "people:write", icon: IconForms },
  { kind: "segment", permission: "segments:write", icon: IconUsersPlus },
  { kind: "ban", permission: "people:write", icon: IconBan },
  { kind: "delete", permission: "people:delete", icon: IconTrash },
];
const EXPORT = { kind: "export", permission: "people:export", icon: IconFileExport } as const;

interface BulkProps {
  selection: Selection;
  onSelection: (selection: Selection) => void;
  total: number;
  /** Of the list, for "all who match". */
  where: string;
  /** The fields of the list, for an export. */
  columns: readonly string[];
}

/** How many are selected, and what can be done to them. */
export function BulkBar({ selection, onSelection, total, where, columns }: BulkProps) {
  const { t } = useTranslation("people");
  const [open, setOpen] = useState<Kind | "export" | null>(null);
  const bulk = useBulk();
  const count = sizeOf(selection, total);
  if (count === 0) return null;
  const body = bodyOf(selection, where);
  return (
    <section className={classes.bulk} aria-label={t("select.label")}>
      <span className={classes.bulkCount} role="status">
        {t("select.count", { count, number: formatNumber(count) })}
      </span>
      {selection.kind === "some" && count < total && (
        <Button variant="subtle" size="compact-sm" onClick={() => onSelection({ kind: "all", except: new Set() })}>
          {t("select.all", { number: formatNumber(total) })}
        </Button>
      )}
      <div className={classes.bulkActions}>
        {ACTIONS.map((action) => (
          <Action key={action.kind} {...action} onClick={() => setOpen(action.kind)} />
        ))}
        <Action {...EXPORT} onClick={() => setOpen("export")} />
        <ActionIcon aria-label={t("select.clear")} onClick={() => onSelection(NOBODY)}>
          <IconX size={15} />
        </ActionIcon>
      </div>
      <Suspense>
        {open === "export" && (
          <ExportDialog people={body} count={count} columns={columns} onClose={() => setOpen(null)} />
        )}
        {open && open !== "export" && (
          <BulkDialog
            kind={open}
            count={count}
            busy={bulk.busy}
            onClose={() => setOpen(null)}
            onAct={async (act) => {
              const done = await bulk.run(act, body);
              if (!done) return;
              setOpen(null);
              if (act.kind === "delete") onSelection(NOBODY);
            }}
          />
        )}
      </Suspense>
    </section>
  );
}

function Action({
  kind,
  permission,
  icon: Icon,
  onClick,
}: Omit<(typeof ACTIONS)[number], "kind"> & { kind: Kind | "export"; onClick: () => void }) {
  const { t } = useTranslation("people");
  if (!useMay(permission)) return null;
  return (
    <Button
      variant="default"
      size="compact-sm"
      leftSection={<Icon size={14} stroke={1.7} />}
      {...(kind === "delete" && { c: "var(--bad)" })}
      onClick={onClick}
    >
      {t(`bulk.${kind}`)}
    </Button>
  );
}

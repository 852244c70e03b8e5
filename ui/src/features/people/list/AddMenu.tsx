import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots, IconFileExport, IconFileImport, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useSlug } from "@/app/workspace";
import { ExportDialog } from "@/features/exports";
import { formatNumber, useShortcut } from "@/shared";
import classes from "./List.module.css";

const NewPerson = lazy(() => import("./NewPerson"));

interface AddProps {
  /** The filter of the list; empty for everyone. */
  where: string;
  total: number | undefined;
  /** The fields of the list, for an export. */
  columns: readonly string[];
}

/** Ways for people to come in and to go out: one by hand, many by a file. */
export function AddMenu({ where, total, columns }: AddProps) {
  const { t } = useTranslation("people");
  const slug = useSlug();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"new" | "export" | null>(null);
  const mayWrite = useMay("people:write");
  const mayExport = useMay("people:export");
  useShortcut(mayWrite ? "n" : null, { label: t("add.open"), run: () => setOpen("new") });
  const close = () => setOpen(null);
  if (!mayWrite && !mayExport) return null;
  return (
    <div className={classes.together}>
      {mayWrite && (
        <Button leftSection={<IconPlus size={14} />} onClick={() => setOpen("new")}>
          {t("add.open")}
        </Button>
      )}
      <Menu width={250} position="bottom-end">
        <Menu.Target>
          <ActionIcon size={30} aria-label={t("add.more")}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayWrite && (
            <Menu.Item
              leftSection={<IconFileImport size={15} stroke={1.7} />}
              onClick={() => void navigate({ to: "/w/$slug/imports", params: { slug } })}
            >
              {t("add.import")}
            </Menu.Item>
          )}
          {mayExport && (
            <Menu.Item
              leftSection={<IconFileExport size={15} stroke={1.7} />}
              disabled={!total}
              onClick={() => setOpen("export")}
            >
              {where ? t("add.export", { number: formatNumber(total ?? 0) }) : t("add.exportAll")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Suspense>{open === "new" && <NewPerson onClose={close} />}</Suspense>
      {open === "export" && (
        <ExportDialog
          people={{ where: where || "everyone", except: [] }}
          count={total}
          columns={columns}
          onClose={close}
        />
      )}
    </div>
  );
}

import { ActionIcon, Menu } from "@mantine/core";
import { IconCopyPlus, IconDots, IconEyeOff, IconFileExport, IconTrash, IconUsers } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useMay, useSlug } from "@/app/workspace";
import { ExportDialog } from "@/features/exports";
import { notifyDone } from "@/shared";
import { quoted } from "@/shared/sentences";
import { LIST } from "./addresses";
import { DeleteDialog } from "./DeleteDialog";
import type { Segment } from "./data";
import { HideDialog } from "./HideDialog";

interface SegmentMenuProps {
  segment: Segment;
  onDeleted?: () => void;
}

/** What one may do with a segment as a whole. */
export function SegmentMenu({ segment, onDeleted }: SegmentMenuProps) {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<"delete" | "hide" | "export" | null>(null);
  const mayWrite = useMay("segments:write");
  const mayExport = useMay("people:export");
  const mayHide = useMay("segments:hide");
  const { id, name, broken, size } = segment;
  const duplicate = useWrite("post", "/api/v1/workspaces/{slug}/segments/{segment}/duplicate", {
    refresh: [LIST],
    onSuccess: (copy) => {
      notifyDone(t("menu.duplicated", { name: copy.name }));
      void navigate({ to: "/w/$slug/segments/$segment", params: { slug, segment: copy.id } });
    },
  });
  const close = () => setDialog(null);
  return (
    <>
      <Menu width={200} position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t("menu.label", { name })} loading={duplicate.isPending}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconUsers size={15} stroke={1.7} />}
            disabled={broken !== null}
            onClick={() =>
              void navigate({
                to: "/w/$slug/people",
                params: { slug },
                search: { where: `in segment ${quoted(name)}` },
              })
            }
          >
            {t("menu.list")}
          </Menu.Item>
          {mayExport && (
            <Menu.Item
              leftSection={<IconFileExport size={15} stroke={1.7} />}
              disabled={broken !== null}
              onClick={() => setDialog("export")}
            >
              {t("menu.export")}
            </Menu.Item>
          )}
          {mayWrite && (
            <Menu.Item
              leftSection={<IconCopyPlus size={15} stroke={1.7} />}
              onClick={() => duplicate.mutate({ params: { path: { slug, segment: id } }, body: {} })}
            >
              {t("menu.duplicate")}
            </Menu.Item>
          )}
          {mayHide && (
            <Menu.Item leftSection={<IconEyeOff size={15} stroke={1.7} />} onClick={() => setDialog("hide")}>
              {t("menu.hide")}
            </Menu.Item>
          )}
          {mayWrite && (
            <>
              <Menu.Divider />
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={15} stroke={1.7} />}
                onClick={() => setDialog("delete")}
              >
                {t("menu.delete")}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === "delete" && <DeleteDialog segment={segment} onClose={close} onDeleted={onDeleted} />}
      {dialog === "export" && <ExportDialog people={{ segment: id }} count={size} onClose={close} />}
      {dialog === "hide" && <HideDialog segment={segment} onClose={close} />}
    </>
  );
}

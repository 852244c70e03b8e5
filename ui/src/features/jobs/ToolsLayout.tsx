import { useTranslation } from "react-i18next";
import { useWorkspace } from "@/app/workspace";
import { PartsLayout } from "@/shared/PartsLayout";
import { PARTS } from "./parts";

/** What takes data in and out, beside the page of it that is open. */
export function ToolsLayout() {
  const { t } = useTranslation("jobs");
  const { permissions } = useWorkspace();
  const parts = PARTS.filter(({ permission }) => permissions.includes(permission));
  return (
    <PartsLayout
      label={t("tools")}
      parts={parts.map(({ key, to, icon }) => ({ to, icon, label: t(`parts.${key}`), whole: true }))}
    />
  );
}

import { useTranslation } from "react-i18next";
import { useWorkspace } from "@/app/workspace";
import { PartsLayout } from "@/shared/PartsLayout";
import { PARTS } from "./parts";

/** The parts of the settings that the reader may see, beside the one that is open. */
export function SettingsLayout() {
  const { t } = useTranslation("settings");
  const { permissions } = useWorkspace();
  const parts = PARTS.filter(({ permission }) => permissions.includes(permission));
  return (
    <PartsLayout
      label={t("title")}
      parts={parts.map(({ key, to, icon }) => ({ to, icon, label: t(`parts.${key}`) }))}
    />
  );
}

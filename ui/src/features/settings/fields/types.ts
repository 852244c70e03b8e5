import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";

/** What a change of fields makes stale. */
export const STALE = ["/api/v1/workspaces/{slug}/fields", "/api/v1/workspaces/{slug}/attributes"] as const;

export const TYPES: readonly Schemas["FieldType"][] = ["text", "number", "boolean", "datetime", "date", "list"];

/** Words for the types, for a menu. */
export function useTypes(): { value: string; label: string }[] {
  const { t } = useTranslation("settings");
  return TYPES.map((value) => ({ value, label: t(`type.${value}`) }));
}

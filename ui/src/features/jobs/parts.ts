import { IconArrowMerge, IconFileExport, IconFileImport, IconListCheck, IconShieldLock } from "@tabler/icons-react";
import type { ComponentType } from "react";

/** A page under Tools. */
export interface Part {
  key: "jobs" | "imports" | "exports" | "duplicates" | "privacy";
  to: "/w/$slug/jobs" | "/w/$slug/imports" | "/w/$slug/exports" | "/w/$slug/duplicates" | "/w/$slug/privacy";
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** The permission without which it is not shown. */
  permission: string;
}

/** The pages under Tools, in their order. */
export const PARTS: readonly Part[] = [
  { key: "jobs", to: "/w/$slug/jobs", icon: IconListCheck, permission: "jobs:read" },
  { key: "imports", to: "/w/$slug/imports", icon: IconFileImport, permission: "people:write" },
  { key: "exports", to: "/w/$slug/exports", icon: IconFileExport, permission: "people:export" },
  { key: "duplicates", to: "/w/$slug/duplicates", icon: IconArrowMerge, permission: "people:read" },
  { key: "privacy", to: "/w/$slug/privacy", icon: IconShieldLock, permission: "people:delete" },
];

import {
  IconBuilding,
  IconClipboardList,
  IconForms,
  IconKey,
  IconShieldCheck,
  IconUserCircle,
  IconUsersGroup,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

/** A page of the settings. */
export interface Part {
  key: "workspace" | "fields" | "team" | "keys" | "quality" | "audit" | "account";
  to:
    | "/w/$slug/settings"
    | "/w/$slug/settings/fields"
    | "/w/$slug/settings/team"
    | "/w/$slug/settings/keys"
    | "/w/$slug/settings/quality"
    | "/w/$slug/settings/audit"
    | "/w/$slug/settings/account";
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** The permission without which it is not shown. */
  permission: string;
}

/** The pages of the settings, in their order. */
export const PARTS: readonly Part[] = [
  { key: "workspace", to: "/w/$slug/settings", icon: IconBuilding, permission: "workspace:read" },
  { key: "fields", to: "/w/$slug/settings/fields", icon: IconForms, permission: "people:read" },
  { key: "team", to: "/w/$slug/settings/team", icon: IconUsersGroup, permission: "members:read" },
  { key: "keys", to: "/w/$slug/settings/keys", icon: IconKey, permission: "keys:manage" },
  { key: "quality", to: "/w/$slug/settings/quality", icon: IconShieldCheck, permission: "people:read" },
  { key: "audit", to: "/w/$slug/settings/audit", icon: IconClipboardList, permission: "audit:read" },
  { key: "account", to: "/w/$slug/settings/account", icon: IconUserCircle, permission: "workspace:read" },
];

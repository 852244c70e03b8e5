import { IconSettings } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Place } from "@/app/features";
import { workspaceRoute } from "@/app/workspace";
import { words } from "@/i18n/words";

/** What the audit log is narrowed to. */
export interface AuditSearch {
  action?: string;
  actor?: string;
}

const settingsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "settings",
  loader: () => words("settings"),
  component: lazyRouteComponent(() => import("./SettingsLayout"), "SettingsLayout"),
});

const workspaceSettings = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./WorkspacePage"), "WorkspacePage"),
});

const fields = createRoute({
  getParentRoute: () => settingsRoute,
  path: "fields",
  component: lazyRouteComponent(() => import("./fields/FieldsPage"), "FieldsPage"),
});

const team = createRoute({
  getParentRoute: () => settingsRoute,
  path: "team",
  component: lazyRouteComponent(() => import("./TeamPage"), "TeamPage"),
});

const keys = createRoute({
  getParentRoute: () => settingsRoute,
  path: "keys",
  component: lazyRouteComponent(() => import("./KeysPage"), "KeysPage"),
});

const audit = createRoute({
  getParentRoute: () => settingsRoute,
  path: "audit",
  validateSearch: ({ action, actor }: Record<string, unknown>): AuditSearch => ({
    ...(typeof action === "string" && action && { action }),
    ...(typeof actor === "string" && actor && { actor }),
  }),
  loader: () => words("jobs"),
  component: lazyRouteComponent(() => import("./AuditPage"), "AuditPage"),
});

const quality = createRoute({
  getParentRoute: () => settingsRoute,
  path: "quality",
  component: lazyRouteComponent(() => import("./QualityPage"), "QualityPage"),
});

const account = createRoute({
  getParentRoute: () => settingsRoute,
  path: "account",
  component: lazyRouteComponent(() => import("./account/AccountPage"), "AccountPage"),
});

export const settingsRoutes = [
  settingsRoute.addChildren([workspaceSettings, fields, team, keys, audit, quality, account]),
] as const;

export const settingsPlace: Place = {
  key: "settings",
  to: "/w/$slug/settings",
  icon: IconSettings,
  permission: "workspace:read",
  goKey: "t",
  last: true,
};

import { IconTool } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Place } from "@/app/features";
import { workspaceRoute } from "@/app/workspace";
import { words } from "@/i18n/words";

export const STATES = ["open", "done", "failed", "cancelled"] as const;

/** What of the list is shown. */
export interface JobsSearch {
  state?: (typeof STATES)[number];
}

/** The pages under Tools have addresses of their own, as mails name them, and one menu beside them. */
export const toolsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  id: "tools",
  loader: () => words("jobs"),
  component: lazyRouteComponent(() => import("./ToolsLayout"), "ToolsLayout"),
});

const listRoute = createRoute({
  getParentRoute: () => toolsRoute,
  path: "jobs",
  validateSearch: ({ state }: Record<string, unknown>): JobsSearch => {
    const known = STATES.find((each) => each === state);
    return known ? { state: known } : {};
  },
  component: lazyRouteComponent(() => import("./JobsPage"), "JobsPage"),
});

const jobRoute = createRoute({
  getParentRoute: () => toolsRoute,
  path: "jobs/$job",
  component: lazyRouteComponent(() => import("./JobPage"), "JobPage"),
});

export const jobRoutes = [listRoute, jobRoute] as const;
export const toolsPlace: Place = {
  key: "tools",
  to: "/w/$slug/jobs",
  icon: IconTool,
  permission: "jobs:read",
  goKey: "j",
  covers: ["imports", "exports", "duplicates", "privacy"],
};

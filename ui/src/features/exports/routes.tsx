import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { toolsRoute } from "@/features/jobs/routes";
import { words } from "@/i18n/words";

export const SHOWN = ["schedules", "destinations"] as const;

/** What of the page is shown; without it, the exports there were. */
export interface ExportsSearch {
  show?: (typeof SHOWN)[number];
}

const listRoute = createRoute({
  getParentRoute: () => toolsRoute,
  path: "exports",
  validateSearch: ({ show }: Record<string, unknown>): ExportsSearch => {
    const known = SHOWN.find((each) => each === show);
    return known ? { show: known } : {};
  },
  loader: async () => {
    await Promise.all([words("exports"), words("segments")]);
  },
  component: lazyRouteComponent(() => import("./ExportsPage"), "ExportsPage"),
});

export const exportRoutes = [listRoute] as const;

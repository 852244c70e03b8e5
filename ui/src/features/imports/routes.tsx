import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { toolsRoute } from "@/features/jobs/routes";
import { words } from "@/i18n/words";

export const STEPS = ["file", "columns", "rules", "rehearsal", "result"] as const;
export type Step = (typeof STEPS)[number];

/** Which step of an import is shown; without one, the step that is next. */
export interface ImportSearch {
  step?: Step;
}

const listRoute = createRoute({
  getParentRoute: () => toolsRoute,
  path: "imports",
  loader: () => words("imports"),
  component: lazyRouteComponent(() => import("./ImportsPage"), "ImportsPage"),
});

const importRoute = createRoute({
  getParentRoute: () => toolsRoute,
  path: "imports/$import",
  validateSearch: ({ step }: Record<string, unknown>): ImportSearch => {
    const known = STEPS.find((each) => each === step);
    return known ? { step: known } : {};
  },
  loader: async () => {
    await Promise.all([words("imports"), words("segments"), words("settings")]);
  },
  component: lazyRouteComponent(() => import("./ImportPage"), "ImportPage"),
});

export const importRoutes = [listRoute, importRoute] as const;

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { toolsRoute } from "@/features/jobs/routes";
import { words } from "@/i18n/words";

/** What is shown besides those who may be the same. */
export const OTHERS = ["dismissed", "merges"] as const;

/** What of the page is shown, of everyone or about one person. */
export interface DuplicatesSearch {
  show?: (typeof OTHERS)[number];
  person?: number;
}

const duplicatesRoute = createRoute({
  getParentRoute: () => toolsRoute,
  path: "duplicates",
  validateSearch: ({ show, person }: Record<string, unknown>): DuplicatesSearch => {
    const known = OTHERS.find((each) => each === show);
    const number = Number(person);
    return { ...(known && { show: known }), ...(Number.isInteger(number) && number > 0 && { person: number }) };
  },
  loader: async () => {
    await Promise.all([words("merging"), words("profile")]);
  },
  component: lazyRouteComponent(() => import("./DuplicatesPage"), "DuplicatesPage"),
});

export const mergingRoutes = [duplicatesRoute] as const;

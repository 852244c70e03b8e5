import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/workspace";
import { words } from "@/i18n/words";

/** What of a person is shown beside their fields. */
export const TABS = ["timeline", "notes", "segments"] as const;
export type Tab = (typeof TABS)[number];

/** The tab is in the address. Without one it is the timeline, or the fields where there is no room for both. */
export interface PersonSearch {
  tab?: Tab;
}

const personRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "people/$number",
  params: {
    parse: ({ number }) => ({ number: Number(number) }),
    stringify: ({ number }) => ({ number: String(number) }),
  },
  validateSearch: ({ tab }: Record<string, unknown>): PersonSearch => {
    const known = TABS.find((each) => each === tab);
    return known ? { tab: known } : {};
  },
  loader: () => words("profile"),
  component: lazyRouteComponent(() => import("./PersonPage"), "PersonPage"),
});

export const profileRoutes = [personRoute] as const;

import { IconUsers } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Place } from "@/app/features";
import { workspaceRoute } from "@/app/workspace";
import { words } from "@/i18n/words";
import { type PeopleSearch, readSearch } from "./list/view";

export type { PeopleSearch } from "./list/view";

const listRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "people",
  validateSearch: (raw: Record<string, unknown>): PeopleSearch => readSearch(raw),
  loader: async () => {
    await Promise.all([words("people"), words("profile"), words("segments"), words("charts")]);
  },
  component: lazyRouteComponent(() => import("./PeoplePage"), "PeoplePage"),
});

export const peopleRoutes = [listRoute] as const;
export const peoplePlace: Place = {
  key: "people",
  to: "/w/$slug/people",
  icon: IconUsers,
  permission: "people:read",
  goKey: "p",
};

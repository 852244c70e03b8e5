import { IconCirclesRelation } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Place } from "@/app/features";
import { workspaceRoute } from "@/app/workspace";
import { words } from "@/i18n/words";

const KINDS = ["dynamic", "static"] as const;
export const TABS = ["members", "size", "moves", "composition", "overlap", "uses", "history"] as const;
export type Tab = (typeof TABS)[number];

/** What of the list is shown. */
export interface ListSearch {
  search?: string;
  kind?: (typeof KINDS)[number];
}

/** What of a segment is shown; `with` are ids of the segments it is compared with, by commas. */
export interface SegmentSearch {
  tab?: Tab;
  with?: string;
}

function oneOf<T extends string>(allowed: readonly T[], value: unknown): T | undefined {
  return allowed.find((each) => each === value);
}

const listRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "segments",
  validateSearch: ({ search, kind }: Record<string, unknown>): ListSearch => {
    const known = oneOf(KINDS, kind);
    return { ...(typeof search === "string" && search && { search }), ...(known && { kind: known }) };
  },
  loader: () => words("segments"),
  component: lazyRouteComponent(() => import("./SegmentsPage"), "SegmentsPage"),
});

const segmentRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "segments/$segment",
  validateSearch: ({ tab, with: others }: Record<string, unknown>): SegmentSearch => {
    const known = oneOf(TABS, tab);
    return { ...(known && { tab: known }), ...(typeof others === "string" && others && { with: others }) };
  },
  loader: () => words("segments"),
  component: lazyRouteComponent(() => import("./SegmentPage"), "SegmentPage"),
});

export const segmentRoutes = [listRoute, segmentRoute] as const;
export const segmentsPlace: Place = {
  key: "segments",
  to: "/w/$slug/segments",
  icon: IconCirclesRelation,
  permission: "segments:read",
  goKey: "s",
};

import type { RegisteredRouter } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { toolsPlace } from "@/features/jobs/routes";
import { peoplePlace } from "@/features/people/routes";
import { segmentsPlace } from "@/features/segments/routes";
import { settingsPlace } from "@/features/settings/routes";
import type en from "@/i18n/en";

type Reachable = Omit<RegisteredRouter["routesByPath"], `${string}/`>;
/** A page of the workspace that needs nothing but the workspace in its address. */
export type PlacePath = Extract<keyof RegisteredRouter["routesByPath"], `/w/$slug/${string}`> & keyof Reachable;

/** An entry of the left menu. */
export interface Place {
  /** Its name is `places.<key>` in the common words. */
  key: keyof typeof en.places;
  to: PlacePath;
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** The permission without which the entry is not shown. */
  permission: string;
  /** Second key of the shortcut: g, then this. */
  goKey: string;
  /** At the lower end of the menu. */
  last?: boolean;
  /** Other pages that belong to it, by how their address begins below the workspace. */
  covers?: readonly string[];
}

/** The left menu, in its order. An entry is a row here; its routes are in app/router.tsx. */
export const PLACES: readonly Place[] = [peoplePlace, segmentsPlace, toolsPlace, settingsPlace];

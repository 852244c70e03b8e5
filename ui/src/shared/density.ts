import { useSyncExternalStore } from "react";
import { keep } from "./storage";

export type Density = "compact" | "comfortable";
const ROW_HEIGHTS: Record<Density, number> = { compact: 34, comfortable: 44 };
const listeners = new Set<() => void>();

function current(): Density {
  return document.documentElement.dataset.density === "comfortable" ? "comfortable" : "compact";
}

export function setDensity(density: Density): void {
  keep("density", density);
  document.documentElement.dataset.density = density;
  for (const each of listeners) each();
}

/** The reader's choice, and the height of a row in pixels, for virtual lists; CSS has it as --row-height. */
export function useDensity(): { density: Density; rowHeight: number } {
  const density = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
  return { density, rowHeight: ROW_HEIGHTS[density] };
}

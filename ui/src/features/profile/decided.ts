/** What a condition on events saw: those that it counts, the one that decided, and how many there ever were. */
export interface Seen {
  events: number;
  first?: string;
  last?: string;
  event?: { id: string; at: string };
  value?: unknown;
  ever?: number;
  ever_last?: string;
}

/** How the person stands to one segment of a condition. */
export interface Standing {
  id: string;
  name: string;
  inside: boolean;
  since: string | null;
  cause: string;
  ref: string;
}

export function isSeen(value: unknown): value is Seen {
  return isObject(value) && typeof value.events === "number";
}

export function areStandings(value: unknown): value is { segments: Standing[] } {
  return isObject(value) && Array.isArray(value.segments);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { read } from "@/api";
import { useSlug } from "@/app/workspace";

const PROPOSED = 30;
const PAUSE_MS = 120;
const KEPT = { placeholderData: keepPreviousData, staleTime: 30_000 } as const;

/** A property of a kind of event. */
export interface OfEvent {
  event: string;
  property: string;
}

/** A value that there is, and how often. */
export interface Proposed {
  value: string;
  count: number;
}

/** The field's values that hold a text, with how many people have each. Until they come, those of the ones before. */
export function useFacets(field: string | undefined, search: string): Proposed[] {
  const slug = useSlug();
  const [asked] = useDebouncedValue(search, PAUSE_MS);
  const { data, isPlaceholderData } = useQuery({
    ...read("/api/v1/workspaces/{slug}/facets/{field}", {
      params: { path: { slug, field: field ?? "" }, query: { search: asked, limit: PROPOSED } },
    }),
    ...KEPT,
    enabled: field !== undefined,
  });
  if (field === undefined || data?.field !== field) return [];
  return proposed(data.values, search, !isPlaceholderData && asked === search);
}

/** The same of a property of events, with how many events have each value. */
export function useEventValues(of: OfEvent | undefined, search: string): Proposed[] {
  const slug = useSlug();
  const [asked] = useDebouncedValue(search, PAUSE_MS);
  const { event, property } = of ?? { event: "", property: "" };
  const { data, isPlaceholderData } = useQuery({
    ...read("/api/v1/workspaces/{slug}/events/values", {
      params: { path: { slug }, query: { event, property, search: asked, limit: PROPOSED } },
    }),
    ...KEPT,
    enabled: property !== "",
  });
  if (property === "" || data?.event !== event || data.property !== property) return [];
  return proposed(data.values, search, !isPlaceholderData && asked === search);
}

function proposed(values: readonly { value?: unknown; count: number }[], search: string, isFresh: boolean): Proposed[] {
  const known = values.map(({ value, count }) => ({ value: String(value), count }));
  // Who types fast and takes the first one must not get a value that was proposed for less text.
  if (isFresh) return known;
  const wanted = search.trim().toLocaleLowerCase();
  return known.filter(({ value }) => value.toLocaleLowerCase().includes(wanted));
}

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { read } from "@/api";
import { useSlug } from "@/app/workspace";

const PROPOSED = 30;
const PAUSE_MS = 120;

/** The field's values that hold a text, with how many people have each. Until they come, those of the ones before. */
export function useFacets(field: string | undefined, search: string): { value: string; count: number }[] {
  const slug = useSlug();
  const [asked] = useDebouncedValue(search, PAUSE_MS);
  const { data, isPlaceholderData } = useQuery({
    ...read("/api/v1/workspaces/{slug}/facets/{field}", {
      params: { path: { slug, field: field ?? "" }, query: { search: asked, limit: PROPOSED } },
    }),
    enabled: field !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  if (field === undefined || data?.field !== field) return [];
  const known = data.values.map(({ value, count }) => ({ value: String(value), count }));
  // Who types fast and takes the first one must not get a value that was proposed for less text.
  if (!isPlaceholderData && asked === search) return known;
  const wanted = search.trim().toLocaleLowerCase();
  return known.filter(({ value }) => value.toLocaleLowerCase().includes(wanted));
}

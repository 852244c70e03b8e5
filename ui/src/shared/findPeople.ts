import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { read, type Schemas } from "@/api";
import { useSlug } from "@/app/workspace";

const PAUSE_MS = 150;

export interface FoundPeople {
  people: readonly Schemas["PersonItem"][];
  /** The answer is still that to an earlier text. */
  behind: boolean;
  searching: boolean;
}

const NOBODY: FoundPeople = { people: [], behind: false, searching: false };

/**
 * People by any text that names them: number, any identity or its start, part of the name or email. The one search for
 * a single person; a list of many is a filter, see `personSearch`.
 */
export function useFoundPeople(text: string, limit: number): FoundPeople {
  const slug = useSlug();
  const [q] = useDebouncedValue(text.trim(), PAUSE_MS);
  const { data, isFetching, isPlaceholderData } = useQuery({
    ...read("/api/v1/workspaces/{slug}/people/search", { params: { path: { slug }, query: { q, limit } } }),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });
  if (!text.trim()) return NOBODY;
  return {
    people: q && data ? data.items : [],
    behind: isPlaceholderData || q !== text.trim(),
    searching: isFetching || q !== text.trim(),
  };
}

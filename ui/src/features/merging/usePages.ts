import { useInfiniteQuery } from "@tanstack/react-query";
import { call, keyOf } from "@/api";
import { useSlug } from "@/app/workspace";
import { MERGES, SUGGESTIONS } from "./addresses";

const PAGE = 25;

/** Suggestions in a state, the likeliest first, page by page. */
export function useSuggestions(state: "open" | "dismissed", person: number | undefined) {
  const path = { slug: useSlug() };
  const query = { state, limit: PAGE, ...(person !== undefined && { person }) };
  return useInfiniteQuery({
    queryKey: keyOf(SUGGESTIONS, { path, query }),
    queryFn: ({ pageParam, signal }) =>
      call("get", SUGGESTIONS, {
        params: { path, query: { ...query, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

/** The journal of merges, newest first, page by page. */
export function useMerges(person: number | undefined) {
  const path = { slug: useSlug() };
  const query = { limit: PAGE, ...(person !== undefined && { person }) };
  return useInfiniteQuery({
    queryKey: keyOf(MERGES, { path, query }),
    queryFn: ({ pageParam, signal }) =>
      call("get", MERGES, {
        params: { path, query: { ...query, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

import { useThrottledValue } from "@mantine/hooks";
import { type InfiniteData, keepPreviousData, type QueryKey, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { type ApiError, call, keyOf, type Schemas } from "@/api";
import { useSlug } from "@/app/workspace";
import { FRESH } from "@/shared";
import { personSearch } from "@/shared/sentences";

export const PEOPLE = "/api/v1/workspaces/{slug}/people";
export type Person = Schemas["PersonItem"];
const PAGE = 100;

/** The filter of the list: that of the bar, and within it the text that is searched for. */
export function effectiveWhere(where: string, search: string): string {
  if (!search) return where;
  const found = personSearch(search);
  return where ? `(${where}) and (${found})` : found;
}

interface Asked {
  where: string;
  sort: string;
  enabled: boolean;
  /** When people changed last, see useLive. */
  changedAt: number;
}

/**
 * The people of a filter, page after page as they are scrolled to. Old rows stay while others are fetched, and where
 * they are while people change: only their values follow.
 */
export function usePeople({ where, sort, enabled, changedAt }: Asked) {
  const slug = useSlug();
  const asked = { ...(where && { where }), sort, limit: PAGE };
  const query = useInfiniteQuery<
    Schemas["PeoplePage"],
    ApiError,
    InfiniteData<Schemas["PeoplePage"], string | null>,
    QueryKey,
    string | null
  >({
    queryKey: keyOf(PEOPLE, { path: { slug }, query: asked, pages: true }),
    queryFn: ({ signal, pageParam }) =>
      call("get", PEOPLE, {
        params: { path: { slug }, query: { ...asked, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      }),
    initialPageParam: null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    enabled,
  });
  const pages = query.data?.pages;
  // Someone who moved while pages were read can stand on two of them.
  const listed = useMemo(() => {
    const byNumber = new Map<number, Person>();
    for (const page of pages ?? []) for (const each of page.items) byNumber.set(each.number, each);
    return [...byNumber.values()];
  }, [pages]);
  const fresh = useFresh(asked, changedAt, pages?.[0]?.now);
  const people = useMemo(() => patched(listed, fresh?.items ?? NONE), [listed, fresh]);
  const total = pages?.at(-1)?.total;
  return { query, people, total, moved: fresh !== undefined && isMoved({ items: listed, total }, fresh) };
}

const PAUSE_MS = 2_000;
const NONE: readonly Person[] = [];

/**
 * The first people of a list as they are after a change; undefined while the list itself is newer. `listedAt` is the
 * server's time for the list's top: a page that is read further down makes the top no newer.
 */
function useFresh(asked: object, changedAt: number, listedAt = ""): Schemas["PeoplePage"] | undefined {
  const slug = useSlug();
  const calm = useThrottledValue(changedAt, PAUSE_MS);
  const { data, refetch } = useQuery<Schemas["PeoplePage"], ApiError>({
    queryKey: [FRESH, { path: { slug } }, asked],
    queryFn: ({ signal }) => call("get", PEOPLE, { params: { path: { slug }, query: asked }, signal }),
    enabled: false,
    gcTime: 0,
    meta: { quiet: true },
  });
  useEffect(() => {
    if (calm > 0) void refetch();
  }, [calm, refetch]);
  return data && data.now > listedAt ? data : undefined;
}

interface Listed {
  items: readonly { number: number }[];
  total: number | undefined;
}

/** Whether others are at the top of a list than those shown, or more or fewer are in it. */
export function isMoved(listed: Listed, fresh: Listed): boolean {
  return (
    fresh.total !== listed.total || fresh.items.some(({ number }, place) => listed.items[place]?.number !== number)
  );
}

/** The same people in the same order, with newer values where there are some. Who is unchanged is the same object. */
export function patched(people: readonly Person[], fresh: readonly Person[]): readonly Person[] {
  if (!fresh.length) return people;
  const newer = new Map(fresh.map((each) => [each.number, each]));
  return people.map((each) => {
    const now = newer.get(each.number);
    return now && JSON.stringify(now.values) !== JSON.stringify(each.values) ? now : each;
  });
}

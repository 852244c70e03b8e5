import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { keyOf, type Schemas } from "@/api";

const LIST = "/api/v1/workspaces/{slug}/people";
/** The newest people of a list; not below LIST: whoever makes the list stale means the list. */
export const FRESH = "fresh people";
/** The key of a reader's own changes of one person: what they show by themselves needs no offer to read the list. */
export const OWN_CHANGE = ["own change of a person"] as const;

type Page = Schemas["PeoplePage"];

type Changed = Pick<Schemas["PersonOut"], "number" | "data">;

/** Shows a changed person in every list where they stand, at their place: nothing is read anew, so nothing moves. */
export function patchListed(client: QueryClient, slug: string, { number, data }: Changed): void {
  const inPage = (page: Page): Page =>
    page.items.some((each) => each.number === number)
      ? { ...page, items: page.items.map((each) => (each.number === number ? { ...each, values: data } : each)) }
      : page;
  const caches = client.getQueryCache();
  const lists = [keyOf(LIST), [FRESH]].flatMap((queryKey) => caches.findAll({ queryKey }));
  for (const { queryKey, state } of lists) {
    if (slugOf(queryKey) !== slug) continue;
    client.setQueryData<Page | InfiniteData<Page>>(
      queryKey,
      (old) => old && ("pages" in old ? { ...old, pages: old.pages.map(inPage) } : inPage(old)),
      // It is as old as before: only this person is newer.
      { updatedAt: state.dataUpdatedAt },
    );
  }
}

function slugOf([, params]: readonly unknown[]): string | undefined {
  return (params as { path?: { slug?: string } } | undefined)?.path?.slug;
}

import { type InfiniteData, QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { keyOf, type Schemas } from "@/api";
import { makeQueryClient } from "@/app/queryClient";
import { FRESH, patchListed } from "./listed";

type Page = Schemas["PeoplePage"];
const page = (...numbers: number[]) =>
  ({
    items: numbers.map((number) => ({ number, values: { city: "Bonn" } })),
    total: 9,
    now: "then",
  }) as unknown as Page;
const cities = ({ items }: Page) => items.map(({ number, values }) => [number, values.city]);

test("a changed person is shown where they stand, in the lists of their workspace, and nothing is newer by it", () => {
  const client = new QueryClient();
  const list = (slug: string) => keyOf("/api/v1/workspaces/{slug}/people", { path: { slug }, pages: true });
  const fresh = [FRESH, { path: { slug: "demo" } }, {}];
  const pages: InfiniteData<Page> = { pages: [page(3, 1), page(2)], pageParams: [null, "x"] };
  for (const slug of ["demo", "other"]) client.setQueryData(list(slug), pages, { updatedAt: 1_000 });
  client.setQueryData(fresh, page(1, 3), { updatedAt: 1_000 });
  patchListed(client, "demo", { number: 1, data: { city: "Rome" } });
  const shown = client.getQueryData<InfiniteData<Page>>(list("demo"));
  expect(shown?.pages.map(cities)).toEqual([
    [
      [3, "Bonn"],
      [1, "Rome"],
    ],
    [[2, "Bonn"]],
  ]);
  // Who is not changed is the same object: their row is not drawn anew.
  expect(shown?.pages[1]).toBe(pages.pages[1]);
  expect(client.getQueryState(list("demo"))).toMatchObject({ dataUpdatedAt: 1_000, isInvalidated: false });
  expect(client.getQueryData<Page>(fresh)?.items[0]?.values.city).toBe("Rome");
  expect(client.getQueryData(list("other"))).toBe(pages);
});

test("nothing is read again because someone comes back", () => {
  const { queries } = makeQueryClient().getDefaultOptions();
  expect([queries?.refetchOnWindowFocus, queries?.refetchOnReconnect]).toEqual([false, false]);
});

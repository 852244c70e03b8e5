import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { keyOf } from "@/api";
import { startI18n } from "@/i18n";
import { words } from "@/i18n/words";
import type { Condition, Field } from "./conditions";
import { FilterBar } from "./FilterBar";
import type { Filter } from "./useFilter";
import { describe } from "./words";

const FIELDS = vi.hoisted(() => [
  { name: "city", label: "City", type: "text", operators: ["is"], kind: "builtin", group: "Place" },
]);

vi.mock("@/app/workspace", () => ({
  useSlug: () => "demo",
  useMay: () => true,
  useWorkspace: () => ({ slug: "demo", timezone: "UTC" }),
  useFields: () => FIELDS as unknown as Field[],
}));
vi.mock("./words", async (original) => {
  const real = await original<typeof import("./words")>();
  return { ...real, describe: vi.fn(real.describe) };
});

// What is to come may take more than the usual second on a machine with other work.
configure({ asyncUtilTimeout: 30_000 });

beforeAll(async () => {
  await startI18n();
  await words("people");
});
afterEach(cleanup);

const is = (value: string): Condition => ({ type: "field", field: "city", op: "is", value });

function filterOf(conditions: readonly Condition[]): Filter {
  const expression = conditions.map((_, at) => at + 1).join(" and ");
  const counts = conditions.map(() => ({ match: 1, no_match: 2, no_value: 0 }));
  return { filter: { conditions, expression }, total: 1, counts, sentence: "", error: null, loading: false, edit };
}
const edit = vi.fn();

it("draws the chip that a key changes, and no other", async () => {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  const slug = { path: { slug: "demo" } };
  const row = { key: "is", label: "is", sentence: "", value: "one", units: [], minimum: 0, semantic: null };
  const rest = { segments: [], events: [], functions: [], times: [], windows: [] };
  client.setQueryData(keyOf("/api/v1/operators"), { fields: { text: [row] }, ...rest });
  client.setQueryData(keyOf("/api/v1/workspaces/{slug}/segments", slug), { items: [] });
  client.setQueryData(keyOf("/api/v1/workspaces/{slug}/events/names", slug), { events: [], properties: [] });
  const kept = is("Bonn");
  const show = (typed: string) => (
    <MantineProvider>
      <QueryClientProvider client={client}>
        <FilterBar filter={filterOf([is(typed), kept])} onSentence={edit} />
      </QueryClientProvider>
    </MantineProvider>
  );
  const { rerender } = render(show("R"));
  await screen.findByText("Bonn");
  const drawn = () => vi.mocked(describe).mock.calls.map(([, condition]) => (condition as { value: string }).value);
  vi.mocked(describe).mockClear();
  await act(async () => rerender(show("Ro")));
  await act(async () => rerender(show("Rom")));
  expect(screen.getByText("Rom")).toBeTruthy();
  expect(new Set(drawn())).toEqual(new Set(["Ro", "Rom"]));
});

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Schemas } from "@/api";
import { startI18n } from "@/i18n";
import { words } from "@/i18n/words";
import { Definition } from "./Definition";

vi.mock("@/app/workspace", () => ({ useSlug: () => "demo", useMay: () => true }));
// The bar has its own tests; here it is a field that passes on what it is given.
vi.mock("@/features/people", () => ({
  FilterEditor: ({ where, onWhere, before }: { where: string; onWhere: (where: string) => void; before: number }) => (
    <input aria-label={`filter of ${before}`} value={where} onChange={(event) => onWhere(event.target.value)} />
  ),
}));

const segment = { id: "s", kind: "dynamic", sentence: "email is known", size: 7, revision: 3, partly_hidden: false };
const fetched = vi.fn<typeof fetch>();

// What is to come may take more than the usual second on a machine with other work.
configure({ asyncUtilTimeout: 30_000 });

beforeAll(async () => {
  await startI18n();
  await words("segments");
});

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <Definition segment={segment as unknown as Schemas["SegmentDetail"]} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Edit definition" }));
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const edit = (where: string) => fireEvent.change(screen.getByLabelText("filter of 7"), { target: { value: where } });
const save = () => screen.getByRole<HTMLButtonElement>("button", { name: "Save" });

it("saves what was edited, as the reader has seen the segment", async () => {
  fetched.mockResolvedValue(new Response(JSON.stringify(segment), { status: 200 }));
  expect(save().disabled).toBe(true);
  edit("phone is known");
  fireEvent.click(save());
  await waitFor(() => expect(screen.queryByLabelText("filter of 7")).toBeNull());
  const request = fetched.mock.calls[0]?.[0] as Request;
  expect([request.method, await request.json()]).toEqual(["PATCH", { where: "phone is known", revision: 3 }]);
});

it("keeps what was edited, and says why, when the server refuses", async () => {
  const problem = { code: "cycle", message: "The segment would use itself.", details: {} };
  fetched.mockResolvedValue(new Response(JSON.stringify(problem), { status: 400 }));
  edit('in segment "Mine"');
  fireEvent.click(save());
  expect(await screen.findByText("The segment would use itself.")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("filter of 7").value).toBe('in segment "Mine"');
});

it("does not let a segment of everyone happen by taking all conditions away", () => {
  edit("");
  expect(save().disabled).toBe(true);
  expect(screen.getByText("A segment needs at least one condition.")).toBeTruthy();
});

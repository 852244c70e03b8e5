import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { startI18n } from "@/i18n";
import { words } from "@/i18n/words";
import { EditableValue } from "./EditableValue";
import type { Field, Person } from "./usePerson";

vi.mock("@/app/workspace", () => ({
  useSlug: () => "demo",
  useMay: (permission: string) => permission === "people:write",
  useWorkspace: () => ({ slug: "demo", timezone: "Europe/Berlin" }),
  useFields: () => [],
}));

const data = { city: "Bonn", last_seen: "2026-01-01T00:00:00Z" };
const person = { number: 5, data, origins: {}, rejected: [], warnings: [] };
const field = (name: string, label: string) => ({ name, label, type: "text" }) as Field;
const fetched = vi.fn<typeof fetch>();

// What is to come may take more than the usual second on a machine with other work.
configure({ asyncUtilTimeout: 30_000 });

beforeAll(async () => {
  await startI18n();
  await words("profile");
});

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(shown: Field): void {
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <EditableValue person={person as unknown as Person} field={shown} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

function answer(status: number, body: object): void {
  fetched.mockResolvedValue(new Response(JSON.stringify(body), { status }));
}

async function edit(text: string): Promise<HTMLElement> {
  fireEvent.doubleClick(screen.getByText("Bonn"));
  const input = await screen.findByLabelText("City");
  fireEvent.change(input, { target: { value: text } });
  return input;
}

it("saves by Enter what was changed", async () => {
  answer(200, { ...person, data: { city: "Berlin" } });
  show(field("city", "City"));
  fireEvent.keyDown(await edit("Berlin"), { key: "Enter" });
  await waitFor(() => expect(screen.queryByLabelText("City")).toBeNull());
  const request = fetched.mock.calls[0]?.[0] as Request;
  expect(request.method).toBe("PATCH");
  expect(await request.json()).toEqual({ set: { city: "Berlin" } });
});

it("leaves it by Escape, and sends nothing when nothing was changed", async () => {
  show(field("city", "City"));
  fireEvent.keyDown(await edit("Berlin"), { key: "Escape" });
  expect(screen.getByText("Bonn")).toBeTruthy();
  fireEvent.keyDown(await edit("Bonn"), { key: "Enter" });
  await screen.findByText("Bonn");
  expect(fetched).not.toHaveBeenCalled();
});

it("shows at the field what the server has against a value", async () => {
  const reason = { reason: "too long", code: "", details: {} };
  const reasons = [{ reason: "city: too long", code: "of_field", details: { field: "city", reason } }];
  answer(400, { code: "rejected_values", message: "Nothing was changed.", details: { reasons } });
  show(field("city", "City"));
  fireEvent.keyDown(await edit("Berlin"), { key: "Enter" });
  expect(await screen.findByText("too long")).toBeTruthy();
  expect((screen.getByLabelText("City") as HTMLInputElement).value).toBe("Berlin");
});

it("does not offer to change what Coterie keeps", () => {
  show(field("last_seen", "Last seen"));
  expect(screen.queryByRole("button")).toBeNull();
});

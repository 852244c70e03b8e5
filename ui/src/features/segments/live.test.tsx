import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keyOf, type Schemas } from "@/api";
import { LIST, ONE } from "./addresses";
import { useSegmentMoves } from "./live";

vi.mock("@/app/workspace", () => ({ useSlug: () => "demo" }));

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 1;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.all.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  send(kind: string, data: unknown): void {
    act(() => void this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) })));
  }
}

const list = keyOf(LIST, { path: { slug: "demo" } });
const one = keyOf(ONE, { path: { slug: "demo", segment: "b" } });
const moved = { entered: [4], entered_count: 1, left: [], left_count: 0 };
const move = { id: "b", name: "B", size: 9, ...moved, causes: [{ cause: "clock", ref: "", ...moved }] };
let client: QueryClient;

beforeEach(() => {
  FakeSource.all = [];
  vi.stubGlobal("EventSource", FakeSource);
  client = new QueryClient();
  const items = ["a", "b"].map((id) => ({ id, size: 1, computed_at: "then" }) as Schemas["SegmentOut"]);
  client.setQueryData(list, { items });
  client.setQueryData(one, items[1]);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function follow(onMoves?: Parameters<typeof useSegmentMoves>[0]) {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return renderHook(() => useSegmentMoves(onMoves), { wrapper });
}

it("works: sizes change, rows stay where they are", () => {
  const told = vi.fn();
  follow(told);
  FakeSource.all[0]?.send("transitions", { at: "now", segments: [move] });
  expect(client.getQueryData<Schemas["SegmentList"]>(list)?.items.map(({ id, size }) => [id, size])).toEqual([
    ["a", 1],
    ["b", 9],
  ]);
  expect(client.getQueryData(one)).toEqual({ id: "b", size: 9, computed_at: "now" });
  expect(told).toHaveBeenCalledWith([move], "now");
});

it("shares one connection, and closes it with the last who follows", () => {
  const [first, second] = [follow(), follow()];
  expect(FakeSource.all.map((source) => source.url)).toEqual(["/api/v1/workspaces/demo/segments/stream"]);
  first.unmount();
  expect(FakeSource.all[0]?.readyState).toBe(1);
  second.unmount();
  expect(FakeSource.all[0]?.readyState).toBe(FakeSource.CLOSED);
});

it("reads everything anew after a gap", () => {
  const told = vi.fn();
  follow(told);
  FakeSource.all[0]?.send("reset", {});
  expect(client.getQueryState(list)?.isInvalidated).toBe(true);
  expect(client.getQueryState(one)?.isInvalidated).toBe(true);
  expect(told.mock.calls[0]?.[0]).toBe("reset");
});

it("comes back by itself when the server has refused", () => {
  vi.useFakeTimers();
  follow();
  const refused = FakeSource.all[0];
  refused?.close();
  refused?.dispatchEvent(new Event("error"));
  act(() => void vi.advanceTimersByTime(10_000));
  expect(FakeSource.all).toHaveLength(2);
  FakeSource.all[1]?.send("transitions", { at: "now", segments: [move] });
  expect(client.getQueryData(one)).toMatchObject({ size: 9 });
  vi.useRealTimers();
});

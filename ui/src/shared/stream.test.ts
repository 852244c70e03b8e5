import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followStream, sharedStream } from "./stream";

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 1;

  constructor(readonly url: string) {
    super();
    FakeSource.all.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  send(kind: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }));
  }
}

const states = () => FakeSource.all.map(({ readyState }) => readyState);

function look(state: "visible" | "hidden"): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  FakeSource.all = [];
  vi.stubGlobal("EventSource", FakeSource);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("tells what comes, until it is ended", () => {
  const told = vi.fn();
  const missed = vi.fn();
  const end = followStream("/stream", { on: { changed: told }, missed });
  FakeSource.all[0]?.send("changed", { seq: 5 });
  expect(told).toHaveBeenCalledExactlyOnceWith({ seq: 5 });
  end();
  expect(states()).toEqual([2]);
  expect(missed).not.toHaveBeenCalled();
  look("hidden");
  look("visible");
  expect(FakeSource.all).toHaveLength(1);
});

it("holds no connection in the background, and says that something may be missing after it", () => {
  const missed = vi.fn();
  const end = followStream("/stream", { on: {}, missed });
  look("hidden");
  expect(states()).toEqual([2]);
  expect(missed).not.toHaveBeenCalled();
  look("visible");
  expect(states()).toEqual([2, 1]);
  expect(missed).toHaveBeenCalledOnce();
  end();
});

it("opens first when the page is looked at", () => {
  look("hidden");
  const end = followStream("/stream", { on: {}, missed: () => undefined });
  expect(FakeSource.all).toHaveLength(0);
  look("visible");
  expect(FakeSource.all).toHaveLength(1);
  end();
});

it("comes back after the server has refused, not while it tries by itself", () => {
  const missed = vi.fn();
  const end = followStream("/stream", { on: {}, missed });
  FakeSource.all[0]?.dispatchEvent(new Event("error"));
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.all).toHaveLength(1);
  FakeSource.all[0]?.close();
  FakeSource.all[0]?.dispatchEvent(new Event("error"));
  vi.advanceTimersByTime(10_000);
  expect(states()).toEqual([2, 1]);
  expect(missed).toHaveBeenCalledOnce();
  end();
});

it("all listeners of a workspace share one connection, which ends with the last", () => {
  const opened: string[] = [];
  const ended: string[] = [];
  const said: ((what: string) => void)[] = [];
  const follow = sharedStream<[string]>((slug, say) => {
    opened.push(slug);
    said.push(say);
    return () => ended.push(slug);
  });
  const heard: string[] = [];
  const first = follow("acme", (what) => heard.push(`1 ${what}`));
  const second = follow("acme", (what) => heard.push(`2 ${what}`));
  const other = follow("other", (what) => heard.push(`3 ${what}`));
  said[0]?.("x");
  expect(opened).toEqual(["acme", "other"]);
  expect(heard).toEqual(["1 x", "2 x"]);
  first();
  said[0]?.("y");
  expect([heard.at(-1), ended]).toEqual(["2 y", []]);
  second();
  other();
  expect(ended).toEqual(["acme", "other"]);
  follow("acme", () => {})();
  expect(opened).toEqual(["acme", "other", "acme"]);
});

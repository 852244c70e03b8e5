import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useOutdated } from "./useLive";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

test("a list is old after a change, until it is read anew", () => {
  const { result, rerender } = renderHook(({ at, reading }) => useOutdated(at, reading), {
    initialProps: { at: 0, reading: false },
  });
  expect(result.current).toBe(false);
  act(() => void vi.advanceTimersByTime(5_000));
  rerender({ at: Date.now(), reading: false });
  expect(result.current).toBe(true);
  rerender({ at: Date.now(), reading: true });
  rerender({ at: Date.now(), reading: false });
  expect(result.current).toBe(false);
});

test("what the reader has just changed does not make it old", () => {
  const { result, rerender } = renderHook(({ at, reading }) => useOutdated(at, reading), {
    initialProps: { at: 0, reading: true },
  });
  rerender({ at: Date.now() + 5, reading: true });
  rerender({ at: Date.now() + 5, reading: false });
  expect(result.current).toBe(false);
  rerender({ at: Date.now() + 600, reading: false });
  expect(result.current).toBe(false);
  rerender({ at: Date.now() + 2_000, reading: false });
  expect(result.current).toBe(true);
});

import { describe, expect, it } from "vitest";
import { ApiError, Offline } from "@/api";
import { retry, retryDelay } from "./queryClient";

const REBUILDING = new ApiError(503, { code: "index_rebuilding" }, 5);

describe("reading again", () => {
  it.each([
    [new ApiError(400, {}), 0, false],
    [new ApiError(401, {}), 0, false],
    [new ApiError(404, {}), 0, false],
    [new ApiError(429, {}, 2), 0, true],
    [new ApiError(500, {}), 2, true],
    [new ApiError(500, {}), 3, false],
    [new Offline(), 0, true],
    [REBUILDING, 30, true],
    [REBUILDING, 60, false],
  ])("after %o, %d times before: %s", (error, failures, expected) => {
    expect(retry(failures, error)).toBe(expected);
  });

  it("waits as long as it is told", () => {
    expect(retryDelay(7, REBUILDING)).toBe(5000);
    expect([0, 1, 9].map((failures) => retryDelay(failures, new Offline()))).toEqual([500, 1000, 8000]);
  });
});

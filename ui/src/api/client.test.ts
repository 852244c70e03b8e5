import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, api, call, isLoggedOut, keyOf, Offline, read } from "@/api";

const PERSON = "/api/v1/workspaces/{slug}/people/{number}";
const params = { path: { slug: "acme", number: 42 } };

function answerWith(body: unknown, init: ResponseInit = {}) {
  const answer = vi.fn<(request: Request) => Promise<Response>>(async () => Response.json(body, init));
  vi.stubGlobal("fetch", answer);
  return answer;
}

const sent = (answer: ReturnType<typeof answerWith>): Request => {
  const request = answer.mock.calls[0]?.[0];
  if (!request) throw new Error("Nothing was sent.");
  return request;
};

afterEach(() => {
  vi.unstubAllGlobals();
  // biome-ignore lint/suspicious/noDocumentCookie: the tests' own browser
  document.cookie = "coterie_csrf=; max-age=0";
});

describe("the client", () => {
  it("works", async () => {
    const answer = answerWith({ number: 42 });
    expect(await call("get", PERSON, { params })).toEqual({ number: 42 });
    expect(new URL(sent(answer).url).pathname).toBe("/api/v1/workspaces/acme/people/42");
  });

  it.each([
    ["POST", "t0k"],
    ["GET", null],
  ] as const)("sends the token with %s: %s", async (method, token) => {
    // biome-ignore lint/suspicious/noDocumentCookie: the tests' own browser
    document.cookie = "coterie_csrf=t0k";
    const answer = answerWith({});
    if (method === "GET") await api.GET("/api/v1/session");
    else await api.POST("/api/v1/workspaces", { body: { slug: "a", name: "A", timezone: "UTC", language: "en" } });
    expect(sent(answer).headers.get("X-CSRFToken")).toBe(token);
  });

  it("throws what the server says", async () => {
    const body = { code: "unknown_field", message: 'There is no field "contry".', details: { nearest: ["country"] } };
    answerWith(body, { status: 400 });
    const error = await call("get", PERSON, { params }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ ...body, status: 400, retryAfter: null });
  });

  it("knows how long to wait", async () => {
    answerWith({ code: "index_rebuilding" }, { status: 503, headers: { "Retry-After": "5" } });
    await expect(call("get", PERSON, { params })).rejects.toMatchObject({ retryAfter: 5, code: "index_rebuilding" });
  });

  it("takes an error that is no JSON", async () => {
    vi.stubGlobal("fetch", async () => new Response("<h1>Bad Gateway</h1>", { status: 502 }));
    await expect(call("get", PERSON, { params })).rejects.toMatchObject({ status: 502, code: "unknown" });
  });

  it("says when nothing answers", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(call("get", PERSON, { params })).rejects.toBeInstanceOf(Offline);
  });

  it("passes an abort on as such", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new DOMException("stopped", "AbortError")));
    await expect(call("get", PERSON, { params })).rejects.toMatchObject({ name: "AbortError" });
  });
});

it("names an answer by its address and what was asked", () => {
  expect(read(PERSON, { params }).queryKey).toEqual([PERSON, params]);
  expect(read("/api/v1/session").queryKey).toEqual(keyOf("/api/v1/session"));
});

it.each([
  [new ApiError(401, {}), true],
  [new ApiError(403, {}), false],
  [new Error("401"), false],
])("knows who is logged out: %s", (error, expected) => {
  expect(isLoggedOut(error)).toBe(expected);
});

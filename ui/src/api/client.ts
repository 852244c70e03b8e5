import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, Offline } from "./errors";
import type { paths } from "./schema";

const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** The token that the server wants back with every request that changes something. */
export function csrfToken(): string {
  return /(?:^|;\s*)coterie_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

const guarded: Middleware = {
  onRequest({ request }) {
    if (!READING.has(request.method)) request.headers.set("X-CSRFToken", csrfToken());
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await ApiError.of(response);
  },
  onError({ error }) {
    // An abandoned request is no failure; TanStack Query knows it by its name.
    if (error instanceof Error && (error.name === "AbortError" || error instanceof ApiError)) return error;
    return new Offline();
  },
};

/** The typed client. Every call throws ApiError instead of returning an error; prefer `read` and `useWrite`. */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "",
  credentials: "same-origin",
  // Looked up at each call, so that tests can put another in its place.
  fetch: (request) => globalThis.fetch(request),
});
api.use(guarded);

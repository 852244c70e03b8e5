import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { type ApiError, isLoggedOut, keyOf } from "@/api";
import { notifyProblem } from "@/shared/notify";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ApiError;
    /** `quiet`: whoever started it shows its failure. */
    mutationMeta: { quiet?: boolean };
  }
}

const TRIES = 3;
const WAITS_FOR_INDEX = 60;

/** Reading is tried again when the server asks for it or is away; what it has refused stays refused. */
export function retry(failures: number, error: ApiError): boolean {
  if (error.status === 503 && error.retryAfter) return failures < WAITS_FOR_INDEX;
  return (error.status === 0 || error.status >= 500 || error.status === 429) && failures < TRIES;
}

export function retryDelay(failures: number, error: ApiError): number {
  return error.retryAfter ? error.retryAfter * 1000 : Math.min(500 * 2 ** failures, 8000);
}

/** Made once, for the life of the page. */
export function makeQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: leaveIfLoggedOut }),
    mutationCache: new MutationCache({
      onError(error, _variables, _context, mutation) {
        leaveIfLoggedOut(error);
        if (!mutation.meta?.quiet && !isLoggedOut(error)) notifyProblem(error);
      },
    }),
    defaultOptions: {
      // Who comes back to a page finds it as they left it: what changed meanwhile is told by followStream's `missed`.
      queries: { retry, retryDelay, staleTime: 10_000, refetchOnWindowFocus: false, refetchOnReconnect: false },
      // Without a network a change fails and says so, instead of waiting unseen until there is one.
      mutations: { retry: false, networkMode: "always" },
    },
  });

  // The session ended elsewhere: reading it again sends the reader to the login page, see app/workspace.tsx.
  function leaveIfLoggedOut(error: unknown): void {
    const session = keyOf("/api/v1/session");
    if (isLoggedOut(error) && client.getQueryData(session)) {
      client.removeQueries({ queryKey: session });
      onLoggedOut();
    }
  }
  return client;
}

let onLoggedOut = (): void => undefined;

/** What to do when the session has ended; the router sets it. */
export function whenLoggedOut(run: () => void): void {
  onLoggedOut = run;
}

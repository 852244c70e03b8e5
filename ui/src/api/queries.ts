import {
  type QueryKey,
  queryOptions,
  type UseMutationOptions,
  type UseMutationResult,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import type { MaybeOptionalInit, MethodResponse } from "openapi-fetch";
import type { HttpMethod, PathsWithMethod, RequiredKeysOf } from "openapi-typescript-helpers";
import { api } from "./client";
import type { ApiError } from "./errors";
import type { paths } from "./schema";

type Path<M extends HttpMethod> = PathsWithMethod<paths, M>;
type Init<M extends HttpMethod, P extends Path<M>> = MaybeOptionalInit<paths[P], M>;
type InitArgument<I> = RequiredKeysOf<I> extends never ? [init?: I] : [init: I];
type Answer<M extends HttpMethod, P extends Path<M>> = MethodResponse<typeof api, M, P>;

export type ReadPath = Path<"get">;

/** The name of an answer in the cache: address pattern and parameters. A prefix of it names all answers that it begins. */
export function keyOf<P extends ReadPath>(path: P, params?: object): QueryKey {
  return params === undefined ? [path] : [path, params];
}

/** What TanStack Query needs to read an address: `useQuery(read("/api/v1/...", { params: { path: { slug } } }))`. */
export function read<P extends ReadPath>(path: P, ...[init]: InitArgument<Init<"get", P>>) {
  const options = (init ?? {}) as { params?: object };
  return queryOptions<Answer<"get", P>, ApiError>({
    queryKey: keyOf(path, options.params),
    queryFn: ({ signal }) => call("get", path, { ...options, signal } as never),
  });
}

/** One request outside of any component; gives its answer or throws ApiError. */
export async function call<M extends HttpMethod, P extends Path<M>>(
  method: M,
  path: P,
  init: Init<M, P> & { signal?: AbortSignal },
): Promise<Answer<M, P>> {
  // The union of all addresses is too large for the compiler to follow here; the signature above holds.
  const { data } = await (api.request as unknown as Untyped)(method, path, init);
  return data as Answer<M, P>;
}
type Untyped = (method: string, path: string, init: unknown) => Promise<{ data?: unknown }>;

type WriteMethod = "post" | "put" | "patch" | "delete";
interface WriteOptions<A, I> extends Omit<UseMutationOptions<A, ApiError, I>, "mutationFn"> {
  /** Answers that a success makes stale: addresses, or longer keys. They are read again where they are shown. */
  refresh?: readonly (ReadPath | QueryKey)[];
}

/**
 * A request that changes something: `const rename = useWrite("patch", "/api/v1/...", { refresh: [...] })`, then
 * `rename.mutate({ params: ..., body: ... })`. A failure shows a toast, unless `meta: { quiet: true }` says that the
 * caller shows it.
 */
export function useWrite<M extends WriteMethod, P extends Path<M>>(
  method: M,
  path: P,
  { refresh = [], ...options }: WriteOptions<Answer<M, P>, Init<M, P>> = {},
): UseMutationResult<Answer<M, P>, ApiError, Init<M, P>> {
  const client = useQueryClient();
  return useMutation<Answer<M, P>, ApiError, Init<M, P>>({
    ...options,
    mutationFn: (init) => call(method, path, init as never),
    onSuccess: async (...given) => {
      const keys = refresh.map((each): QueryKey => (typeof each === "string" ? [each] : each));
      await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
      await options.onSuccess?.(...given);
    },
  });
}

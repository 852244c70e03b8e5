import { useQuery } from "@tanstack/react-query";
import { type ApiError, call } from "@/api";
import { useSlug } from "@/app/workspace";
import { PERSON, type Preview } from "./addresses";

/** Two people side by side, and what a merge would make of them; nothing is asked without the other one. */
export function usePreview(number: number, other: number | undefined) {
  const slug = useSlug();
  return useQuery<Preview, ApiError>({
    queryKey: [`${PERSON}/merge/preview`, { path: { slug, number } }, other],
    queryFn: ({ signal }) =>
      call("post", `${PERSON}/merge/preview`, {
        params: { path: { slug, number } },
        body: { other: other ?? number },
        signal,
      }),
    enabled: other !== undefined,
    staleTime: 0,
    // After the merge there is nothing to compare any more.
    gcTime: 0,
  });
}

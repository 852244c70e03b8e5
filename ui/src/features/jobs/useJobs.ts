import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, keyOf } from "@/api";
import { useSlug } from "@/app/workspace";
import { JOBS, type Job } from "./addresses";
import { isOpen } from "./data";
import { useJobStream } from "./live";
import type { JobsSearch } from "./routes";

const PAGE = 50;

/** Jobs page by page, each kept current; `fresh` counts those that came since the list was read. */
export function useJobs(asked: JobsSearch & { kind?: string }) {
  const slug = useSlug();
  const path = { slug };
  const query = useInfiniteQuery({
    queryKey: keyOf(JOBS, { path, query: { ...asked, limit: PAGE } }),
    queryFn: ({ pageParam, signal }) => {
      const wanted = { ...asked, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return call("get", JOBS, { params: { path, query: wanted }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const { data } = query;
  const listed = new Set(data?.pages.flatMap(({ items }) => items.map(({ id }) => id)));
  const [others, setOthers] = useState<ReadonlySet<string>>(new Set());
  useJobStream(true, (job) => {
    if (job === "missed") void query.refetch();
    else if (data && !listed.has(job.id) && fits(job, asked)) setOthers((before) => new Set([...before, job.id]));
  });
  const fresh = [...others].filter((id) => !listed.has(id)).length;
  return { query, fresh, showFresh: () => void query.refetch() };
}

function fits(job: Job, { state, kind }: { state?: string; kind?: string }): boolean {
  return (!kind || job.kind === kind) && (!state || (state === "open" ? isOpen(job) : job.state === state));
}

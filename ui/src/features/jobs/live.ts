import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { keyOf } from "@/api";
import { useSlug } from "@/app/workspace";
import { followStream, sharedStream } from "@/shared/stream";
import { JOB, JOBS, type Job, type JobPage } from "./addresses";

type Listener = (job: Job | "missed") => void;

const follow = sharedStream<Parameters<Listener>>((slug, say) =>
  followStream(`/api/v1/workspaces/${encodeURIComponent(slug)}/jobs/stream`, {
    on: { job: (data) => say(data as Job) },
    missed: () => say("missed"),
  }),
);

/**
 * Keeps all jobs shown current while `wanted`. `onJob` is told of each one that was written, and of "missed" when the
 * stream was away for a while.
 */
export function useJobStream(wanted: boolean, onJob?: Listener): void {
  const slug = useSlug();
  const client = useQueryClient();
  const latest = useRef(onJob);
  latest.current = onJob;
  useEffect(() => {
    if (!wanted) return;
    return follow(slug, (job) => {
      if (job !== "missed") tell(client, slug, job);
      latest.current?.(job);
    });
  }, [slug, client, wanted]);
}

/** Puts a job as it is now into every answer that has it. */
function tell(client: QueryClient, slug: string, job: Job): void {
  client.setQueryData(keyOf(JOB, { path: { slug, job: job.id } }), job);
  client.setQueriesData<JobPage | InfiniteData<JobPage>>({ queryKey: [JOBS] }, (data) => data && withJob(data, job));
}

/** A list of jobs with one of them as it is now; others stay where they are. */
export function withJob<T extends JobPage | InfiniteData<JobPage>>(data: T, job: Job): T {
  const renewed = (page: JobPage): JobPage =>
    page.items.some(({ id }) => id === job.id)
      ? { ...page, items: page.items.map((each) => (each.id === job.id ? job : each)) }
      : page;
  return "pages" in data ? { ...data, pages: data.pages.map(renewed) } : (renewed(data as JobPage) as T);
}

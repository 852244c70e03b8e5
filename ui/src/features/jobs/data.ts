import { hashKey, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { keyOf, read } from "@/api";
import { useSlug } from "@/app/workspace";
import { JOB, JOBS, type Job, type JobFile, type JobPage } from "./addresses";
import { useJobStream } from "./live";

const MOST_OPEN = 100;

export function isOpen({ state }: Pick<Job, "state">): boolean {
  return state === "queued" || state === "running";
}

/** The jobs that wait or run, as far as the reader sees them. */
export function openJobsQuery(slug: string) {
  return read(JOBS, { params: { path: { slug }, query: { state: "open", limit: MOST_OPEN } } });
}

// Pages that show the outcome of a job themselves: no toast is needed beside them.
const watched = new Set<string>();

export function isWatched(id: string): boolean {
  return watched.has(id);
}

/** One job, kept current while it is shown; nothing is asked without an id. */
export function useJob(id: string | null | undefined) {
  const slug = useSlug();
  const client = useQueryClient();
  const query = useQuery({
    ...read(JOB, { params: { path: { slug, job: id ?? "" } } }),
    enabled: Boolean(id),
  });
  useJobStream(Boolean(id) && (!query.data || isOpen(query.data)), (job) => {
    if (job === "missed") void client.invalidateQueries({ queryKey: [JOB] });
  });
  useEffect(() => {
    if (!id) return;
    watched.add(id);
    return () => {
      watched.delete(id);
    };
  }, [id]);
  return query;
}

/** To be told of a job that was just started: it is followed from here on, on whichever page the reader is. */
export function useStarted(): (job: Job) => void {
  const slug = useSlug();
  const client = useQueryClient();
  return useCallback(
    (job) => {
      client.setQueryData(keyOf(JOB, { path: { slug, job: job.id } }), job);
      const open = openJobsQuery(slug).queryKey;
      client.setQueryData<JobPage>(open, (page) => ({
        next: null,
        ...page,
        items: [job, ...(page?.items ?? []).filter(({ id }) => id !== job.id)],
      }));
      // All other lists of jobs are read again; this one has it.
      void client.invalidateQueries({
        queryKey: [JOBS],
        predicate: ({ queryKey }) => hashKey(queryKey) !== hashKey(open),
      });
    },
    [slug, client],
  );
}

/** Where a file of a job can be had. */
export function fileAddress(slug: string, file: Pick<JobFile, "id">): string {
  return `/api/v1/workspaces/${encodeURIComponent(slug)}/files/${encodeURIComponent(file.id)}`;
}

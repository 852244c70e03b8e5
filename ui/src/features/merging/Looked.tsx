import { Button } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { read, useWrite } from "@/api";
import { useMay, useWorkspace } from "@/app/workspace";
import { isOpen, JOBS, type Job, JobActions, JobProgress, useJob, useStarted } from "@/features/jobs";
import { failureText, formatNumber, RelativeTime } from "@/shared";
import { SUGGESTIONS } from "./addresses";
import classes from "./Merging.module.css";

const KIND = "people.find_same";

interface Look {
  /** The latest job that looks through everyone. */
  job: Job | undefined;
  /** Starts one; null while one runs, and for those who may not. */
  button: ReactNode;
}

/** Looking through everyone: the job that does it, followed, and the way to start it. */
export function useLook(): Look {
  const { t } = useTranslation("merging");
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const mayStart = useMay("people:write");
  const started = useStarted();
  const path = { slug };
  const latest = useQuery({
    ...read(JOBS, { params: { path, query: { kind: KIND, limit: 1 } } }),
    enabled: useMay("jobs:read"),
  });
  const job = useJob(latest.data?.items[0]?.id).data;
  const start = useWrite("post", `${SUGGESTIONS}/find`, { onSuccess: started });
  const isGoing = job !== undefined && isOpen(job);
  const wasGoing = useRef(false);
  useEffect(() => {
    if (wasGoing.current && !isGoing) void client.invalidateQueries({ queryKey: [SUGGESTIONS] });
    wasGoing.current = isGoing;
  }, [isGoing, client]);
  const button = mayStart && !isGoing && (
    <Button
      variant="default"
      leftSection={<IconSearch size={15} stroke={1.7} />}
      loading={start.isPending}
      onClick={() => start.mutate({ params: { path } })}
    >
      {t("look.start")}
    </Button>
  );
  return { job, button: button || null };
}

/** How looking through everyone goes, or what came of it the last time. */
export function Looked({ look: { job } }: { look: Look }) {
  const { t } = useTranslation("merging");
  const { timezone } = useWorkspace();
  if (!job) return null;
  if (isOpen(job)) {
    return (
      <div className={classes.look}>
        <div className={classes.going}>
          <p className={classes.text}>{t("look.going")}</p>
          <JobProgress job={job} />
        </div>
        <JobActions job={job} />
      </div>
    );
  }
  if (job.state === "done") {
    const found = Number((job.result.counts as Record<string, unknown> | undefined)?.suggested ?? 0);
    return (
      <p className={`${classes.quiet} ${classes.look}`} role="status">
        {t("look.done", { count: found, number: formatNumber(found) })}
        {job.finished_at && (
          <>
            {" · "}
            <RelativeTime at={job.finished_at} zone={timezone} />
          </>
        )}
      </p>
    );
  }
  return (
    <div className={classes.look}>
      <p className={job.state === "failed" ? classes.problem : classes.text} role="status">
        {job.state === "failed" ? t("look.failed", { reason: failureText(job) }) : t("look.cancelled")}
      </p>
      <JobActions job={job} />
    </div>
  );
}

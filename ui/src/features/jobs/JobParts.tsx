import { Badge, Button, Progress } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useMay, useWorkspace } from "@/app/workspace";
import { formatNumber, formatTime, notifyDone } from "@/shared";
import { JOB, JOBS, type Job, type JobFile } from "./addresses";
import { fileAddress, isOpen, useStarted } from "./data";
import classes from "./Jobs.module.css";
import { amountOf, countsOf, paceOf, phaseOf, sizeOf, titleOf } from "./words";

const COLOURS = { queued: "gray", running: "iris", done: "green", failed: "red", cancelled: "gray" } as const;

/** How it is with a job, in a word. */
export function JobState({ job }: { job: Pick<Job, "state" | "cancelling"> }) {
  const { t } = useTranslation("jobs");
  return (
    <Badge variant="light" color={COLOURS[job.state]} size="sm">
      {t(job.cancelling ? "state.cancelling" : `state.${job.state}`)}
    </Badge>
  );
}

/** How far an open job is: a bar, what is done of what, how fast, and how long it may take. */
export function JobProgress({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const { done, total } = job.progress;
  const begun = job.started_at !== null;
  const share = total ? Math.min(100, (done / total) * 100) : 0;
  return (
    <div className={classes.progress}>
      <Progress.Root size="sm">
        <Progress.Section
          value={total === null && begun ? 100 : share}
          striped={total === null && begun}
          animated={total === null && begun}
          aria-label={t("progress.label")}
          aria-valuetext={amountOf(job, t)}
        />
      </Progress.Root>
      <p className={`${classes.quiet} numbers`}>
        {begun
          ? [job.phase && phaseOf(job, t), (total !== null || done > 0) && amountOf(job, t), paceOf(job, t)]
              .filter(Boolean)
              .join(" · ")
          : t("progress.starting")}
      </p>
    </div>
  );
}

/** What a job did, in numbers. */
export function JobCounts({ job }: { job: Pick<Job, "result"> }) {
  const { t } = useTranslation("jobs");
  const counts = countsOf(job, t).filter(({ count }) => count > 0);
  if (!counts.length) return null;
  return (
    <span className="numbers">{counts.map(({ label, count }) => `${formatNumber(count)} ${label}`).join(" · ")}</span>
  );
}

/** A file that a job has made, and until when it can be had. */
export function JobFileRow({ file }: { file: JobFile }) {
  const { t } = useTranslation("jobs");
  const { timezone } = useWorkspace();
  const about =
    file.purpose === "errors" || file.purpose === "export" || file.purpose === "copy" ? t(`file.${file.purpose}`) : "";
  const facts = [
    about,
    sizeOf(file.size),
    file.expires_at && t("file.until", { time: formatTime(file.expires_at, timezone) }),
  ];
  return (
    <div className={classes.file}>
      <div>
        <div className={classes.fileName}>{file.name}</div>
        <div className={classes.quiet}>{facts.filter(Boolean).join(" · ")}</div>
      </div>
      <DownloadButton file={file} />
    </div>
  );
}

/** Downloads a file of a job. */
export function DownloadButton({ file, compact = false }: { file: JobFile; compact?: boolean }) {
  const { t } = useTranslation("jobs");
  const { slug } = useWorkspace();
  return (
    <Button
      component="a"
      href={fileAddress(slug, file)}
      download={file.name}
      variant="default"
      size={compact ? "compact-sm" : "xs"}
      leftSection={<IconDownload size={14} stroke={1.7} />}
      aria-label={t("action.downloadOf", { name: file.name })}
    >
      {t("action.download")}
    </Button>
  );
}

/** Stops a job, or lets one that ended early go on. */
export function JobActions({ job, compact = false }: { job: Job; compact?: boolean }) {
  const { t } = useTranslation("jobs");
  const { slug } = useWorkspace();
  const may = useMay("jobs:manage");
  const started = useStarted();
  const params = { path: { slug, job: job.id } };
  const cancel = useWrite("post", `${JOB}/cancel`, {
    refresh: [JOBS, JOB],
    onSuccess: (now) => {
      if (isOpen(now)) notifyDone(t("action.cancelled"));
    },
  });
  const retry = useWrite("post", `${JOB}/retry`, {
    refresh: [JOBS, JOB],
    onSuccess: (now) => {
      started(now);
      notifyDone(t("action.retried"));
    },
  });
  if (!may) return null;
  const title = titleOf(job, t);
  const size = compact ? "compact-sm" : "xs";
  if (isOpen(job)) {
    return (
      <Button
        variant="default"
        size={size}
        disabled={job.cancelling}
        loading={cancel.isPending}
        aria-label={t("action.cancelOf", { title })}
        onClick={() => cancel.mutate({ params })}
      >
        {t("action.cancel")}
      </Button>
    );
  }
  if (job.state === "done") return null;
  return (
    <Button
      variant="default"
      size={size}
      loading={retry.isPending}
      aria-label={t("action.retryOf", { title })}
      onClick={() => retry.mutate({ params })}
    >
      {t("action.retry")}
    </Button>
  );
}

import { Button } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useMay, useWorkspace } from "@/app/workspace";
import { ErrorState, formatTime, notifyDone, PageHeader, RowsSkeleton } from "@/shared";
import { useAuthors } from "@/shared/authors";
import { JOB, JOBS, type Job } from "./addresses";
import { isOpen, useJob, useStarted } from "./data";
import { JobActions, JobCounts, JobFileRow, JobProgress, JobState } from "./JobParts";
import classes from "./Jobs.module.css";
import { durationOf, failureOf, titleOf } from "./words";

const route = getRouteApi("/w/$slug/tools/jobs/$job");

/** One job: how far it is, what came of it, its files. Mails about jobs lead here. */
export function JobPage() {
  const { t } = useTranslation("jobs");
  const { slug, job: id } = route.useParams();
  const query = useJob(id);
  return (
    <>
      <nav className={classes.path} aria-label={t("tools")}>
        <Link to="/w/$slug/jobs" params={{ slug }}>
          {t("parts.jobs")}
        </Link>
        <IconChevronRight size={13} aria-hidden="true" />
      </nav>
      {query.isPending && <RowsSkeleton rows={4} />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.data && <Loaded job={query.data} />}
    </>
  );
}

function Loaded({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  return (
    <>
      <PageHeader
        title={titleOf(job, t)}
        actions={
          <>
            <ToImport job={job} />
            <ToDuplicates job={job} />
            <Undo job={job} />
            <JobActions job={job} />
          </>
        }
      />
      <div className={classes.page}>
        {isOpen(job) && <JobProgress job={job} />}
        {job.error && (
          <p className={classes.problem} role="alert">
            {t("detail.failed", { reason: failureOf(job) })}
          </p>
        )}
        <Facts job={job} />
        {job.files.length > 0 && (
          <section>
            <h2 className={classes.heading}>{t("detail.files")}</h2>
            <ul className={classes.files}>
              {job.files.map((file) => (
                <li key={file.id}>
                  <JobFileRow file={file} />
                </li>
              ))}
            </ul>
          </section>
        )}
        {job.kind === "export" && job.state === "done" && !job.files.length && (
          <p className={classes.quiet}>{t("detail.gone")}</p>
        )}
        {(job.state === "failed" || job.state === "cancelled") && <p className={classes.quiet}>{t("detail.kept")}</p>}
      </div>
    </>
  );
}

function Facts({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const { timezone } = useWorkspace();
  const author = useAuthors();
  const took =
    job.started_at && job.finished_at ? (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000 : null;
  const moment = (at: string | null) => at && formatTime(at, timezone);
  const rows = [
    [t("column.state"), <JobState key="state" job={job} />],
    [t("detail.result"), Object.keys(job.result.counts ?? {}).length > 0 && <JobCounts key="counts" job={job} />],
    [t("column.by"), author(job.by)],
    [t("detail.asked"), moment(job.created_at)],
    [t("detail.began"), moment(job.started_at)],
    [t("detail.ended"), moment(job.finished_at)],
    [t("detail.took"), took !== null && durationOf(took, t)],
    [t("detail.interrupted"), job.attempts > 0 && t("detail.attempts", { count: job.attempts })],
  ] as const;
  return (
    <dl className={classes.facts}>
      {rows.map(
        ([name, value]) =>
          value && (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** Takes a bulk action back: a job of its own, for whoever may do such an action. */
function Undo({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const { slug } = useWorkspace();
  const started = useStarted();
  const undo = typeof job.result.undo === "string" ? job.result.undo : null;
  const take = useWrite("post", "/api/v1/workspaces/{slug}/bulk/undo/{undo}", {
    refresh: [JOBS, JOB],
    onSuccess: (done) => {
      if (done.job) started(done.job);
      notifyDone(t("action.undone"));
    },
  });
  if (undo === null || isOpen(job)) return null;
  return (
    <Button
      variant="default"
      loading={take.isPending}
      disabled={take.isSuccess}
      onClick={() => take.mutate({ params: { path: { slug, undo } } })}
    >
      {t("action.undo")}
    </Button>
  );
}

function ToImport({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const { slug } = useWorkspace();
  const may = useMay("people:write");
  if (!may || !job.about.startsWith("imp_")) return null;
  return (
    <Button
      variant="default"
      renderRoot={(props) => <Link to="/w/$slug/imports/$import" params={{ slug, import: job.about }} {...props} />}
    >
      {t("action.toImport")}
    </Button>
  );
}

function ToDuplicates({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const { slug } = useWorkspace();
  const may = useMay("people:read");
  if (!may || job.kind !== "people.find_same") return null;
  return (
    <Button variant="default" renderRoot={(props) => <Link to="/w/$slug/duplicates" params={{ slug }} {...props} />}>
      {t("action.toDuplicates")}
    </Button>
  );
}

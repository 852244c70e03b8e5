import { Anchor, Button, SegmentedControl, Table } from "@mantine/core";
import { IconListCheck, IconRefresh } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay, useSlug, useWorkspace } from "@/app/workspace";
import { EmptyState, ErrorState, More, PageHeader, RelativeTime, RowsSkeleton } from "@/shared";
import { useAuthors } from "@/shared/authors";
import type { Job } from "./addresses";
import { isOpen } from "./data";
import { DownloadButton, JobActions, JobCounts, JobProgress, JobState } from "./JobParts";
import classes from "./Jobs.module.css";
import { STATES } from "./routes";
import { useJobs } from "./useJobs";
import { failureOf, titleOf } from "./words";

const route = getRouteApi("/w/$slug/tools/jobs");

/** Long tasks of the workspace with their progress as it happens, newest first. */
export function JobsPage() {
  const { t } = useTranslation(["jobs", "common"]);
  const { state } = route.useSearch();
  const navigate = route.useNavigate();
  const jobs = useJobs({ ...(state && { state }) });
  const rows = jobs.query.data?.pages.flatMap((page) => page.items) ?? [];
  const show = (next: string) => {
    const known = STATES.find((each) => each === next);
    void navigate({ search: known ? { state: known } : {}, replace: true });
  };
  return (
    <>
      <PageHeader title={t("parts.jobs")} />
      {(rows.length > 0 || state) && (
        <div className={classes.toolbar}>
          <SegmentedControl
            size="xs"
            aria-label={t("list.filter")}
            data={["all" as const, ...STATES].map((value) => ({ value, label: t(`list.${value}`) }))}
            value={state ?? "all"}
            onChange={show}
          />
          {jobs.fresh > 0 && (
            <Button variant="light" leftSection={<IconRefresh size={14} />} onClick={jobs.showFresh}>
              {t("list.fresh", { count: jobs.fresh })}
            </Button>
          )}
        </div>
      )}
      {jobs.query.isPending && <RowsSkeleton />}
      {jobs.query.isError && <ErrorState error={jobs.query.error} retry={() => void jobs.query.refetch()} />}
      {jobs.query.isSuccess && !rows.length && <Nothing narrowed={Boolean(state)} onAll={() => show("all")} />}
      {rows.length > 0 && <JobTable jobs={rows} />}
      <More query={jobs.query} edge />
    </>
  );
}

function JobTable({ jobs }: { jobs: readonly Job[] }) {
  const { t } = useTranslation("jobs");
  const { slug, timezone } = useWorkspace();
  const author = useAuthors();
  return (
    <Table.ScrollContainer minWidth={760} type="native">
      <Table aria-label={t("parts.jobs")} data-stack>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.job")}</Table.Th>
            <Table.Th w={100}>{t("column.state")}</Table.Th>
            <Table.Th w={280}>{t("column.progress")}</Table.Th>
            <Table.Th w={130}>{t("column.by")}</Table.Th>
            <Table.Th w={120}>{t("column.at")}</Table.Th>
            <Table.Th w={170}>
              <span className="unseen">{t("column.actions")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {jobs.map((job) => (
            <Table.Tr key={job.id}>
              <Table.Td data-cell="main">
                <Anchor
                  size="sm"
                  className={classes.title}
                  renderRoot={(props) => <Link to="/w/$slug/jobs/$job" params={{ slug, job: job.id }} {...props} />}
                >
                  {titleOf(job, t)}
                </Anchor>
              </Table.Td>
              <Table.Td data-cell="end">
                <JobState job={job} />
              </Table.Td>
              <Table.Td data-cell="wide" className={classes.quiet}>
                {isOpen(job) ? <JobProgress job={job} /> : failureOf(job) || <JobCounts job={job} />}
              </Table.Td>
              <Table.Td className={classes.quiet}>{author(job.by)}</Table.Td>
              <Table.Td className={classes.quiet}>
                <RelativeTime at={job.started_at ?? job.created_at} zone={timezone} />
              </Table.Td>
              <Table.Td data-cell="wide">
                <div className={classes.actions}>
                  {job.files.map((file) => (
                    <DownloadButton key={file.id} file={file} compact />
                  ))}
                  <JobActions job={job} compact />
                </div>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Nothing({ narrowed, onAll }: { narrowed: boolean; onAll: () => void }) {
  const { t } = useTranslation("jobs");
  const slug = useSlug();
  const mayImport = useMay("people:write");
  if (narrowed) {
    return (
      <EmptyState
        icon={<IconListCheck size={22} />}
        title={t("none.title")}
        action={
          <Button variant="default" onClick={onAll}>
            {t("none.clear")}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      icon={<IconListCheck size={22} />}
      title={t("empty.title")}
      text={t("empty.text")}
      action={
        mayImport && (
          <Button renderRoot={(props) => <Link to="/w/$slug/imports" params={{ slug }} {...props} />}>
            {t("empty.action")}
          </Button>
        )
      }
    />
  );
}

import { Anchor, Button, SegmentedControl, Table } from "@mantine/core";
import { IconFileExport, IconRefresh } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWorkspace } from "@/app/workspace";
import { DownloadButton, isOpen, type Job, JobActions, JobProgress, JobState, titleOf, useJobs } from "@/features/jobs";
import { EmptyState, ErrorState, failureText, More, PageHeader, RelativeTime, RowsSkeleton } from "@/shared";
import { useAuthors } from "@/shared/authors";
import { Destinations } from "./Destinations";
import ExportDialog from "./ExportDialog";
import classes from "./Exports.module.css";
import { SHOWN } from "./routes";
import { Schedules } from "./Schedules";

const route = getRouteApi("/w/$slug/tools/exports");

/** The exports there were, what is exported by the clock, and where to. */
export function ExportsPage() {
  const { t } = useTranslation("exports");
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const tabs = (
    <div className={classes.toolbar}>
      <SegmentedControl
        size="xs"
        aria-label={t("show.label")}
        data={(["made", ...SHOWN] as const).map((value) => ({ value, label: t(`show.${value}`) }))}
        value={show ?? "made"}
        onChange={(value) => {
          const known = SHOWN.find((each) => each === value);
          void navigate({ search: known ? { show: known } : {} });
        }}
      />
    </div>
  );
  const Shown = show === "schedules" ? Schedules : show === "destinations" ? Destinations : Made;
  return <Shown tabs={tabs} />;
}

function Made({ tabs }: { tabs: ReactNode }) {
  const { t } = useTranslation(["exports", "jobs", "common"]);
  const [asking, setAsking] = useState(false);
  const { query, fresh, showFresh } = useJobs({ kind: "export" });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const start = (
    <Button leftSection={<IconFileExport size={15} stroke={1.7} />} onClick={() => setAsking(true)}>
      {t("new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("title")} actions={rows.length > 0 && start} />
      {tabs}
      {fresh > 0 && (
        <div className={classes.toolbar}>
          <Button variant="light" leftSection={<IconRefresh size={14} />} onClick={showFresh}>
            {t("jobs:list.fresh", { count: fresh })}
          </Button>
        </div>
      )}
      {query.isPending && <RowsSkeleton />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && !rows.length && (
        <EmptyState
          icon={<IconFileExport size={22} />}
          title={t("empty.title")}
          text={t("empty.text")}
          action={start}
        />
      )}
      {rows.length > 0 && <ExportTable jobs={rows} />}
      <More query={query} edge />
      {asking && <ExportDialog onClose={() => setAsking(false)} />}
    </>
  );
}

function ExportTable({ jobs }: { jobs: readonly Job[] }) {
  const { t } = useTranslation("exports");
  const { t: ofJobs } = useTranslation("jobs");
  const { slug, timezone } = useWorkspace();
  const author = useAuthors();
  return (
    <Table.ScrollContainer minWidth={720} type="native">
      <Table aria-label={t("title")} data-stack>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.export")}</Table.Th>
            <Table.Th w={220}>{t("column.state")}</Table.Th>
            <Table.Th w={130}>{t("column.by")}</Table.Th>
            <Table.Th w={120}>{t("column.at")}</Table.Th>
            <Table.Th w={190}>
              <span className="unseen">{t("column.file")}</span>
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
                  {titleOf(job, ofJobs)}
                </Anchor>
                {job.error && <div className={classes.quiet}>{failureText(job)}</div>}
              </Table.Td>
              <Table.Td data-cell={isOpen(job) ? "wide" : "end"}>
                {isOpen(job) ? <JobProgress job={job} /> : <JobState job={job} />}
              </Table.Td>
              <Table.Td className={classes.quiet}>{author(job.by)}</Table.Td>
              <Table.Td className={classes.quiet}>
                <RelativeTime at={job.created_at} zone={timezone} />
              </Table.Td>
              <Table.Td data-cell="wide">
                <div className={classes.end}>
                  {job.files.map((file) => (
                    <span key={file.id}>
                      <DownloadButton file={file} compact />
                      {file.expires_at && (
                        <div className={classes.quiet}>
                          {t("expires")} <RelativeTime at={file.expires_at} zone={timezone} />
                        </div>
                      )}
                    </span>
                  ))}
                  {job.state === "done" && !job.files.length && <span className={classes.quiet}>{t("expired")}</span>}
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

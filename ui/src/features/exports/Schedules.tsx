import { Anchor, Badge, Button, Table } from "@mantine/core";
import { IconCalendarRepeat } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, useWrite } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { failureOf, JobState, useJobStream, useStarted } from "@/features/jobs";
import { formatTime, notifyDone, RelativeTime, reasonText } from "@/shared";
import { useAuthors } from "@/shared/authors";
import { SCHEDULE, SCHEDULES, type Schedule } from "./addresses";
import { useCadence, useWhom } from "./cadence";
import ExportDialog from "./ExportDialog";
import classes from "./Exports.module.css";
import { Listing, RowActions } from "./Listing";

/** What is exported by the clock: when next, what came of it last; run, changed, stopped and removed here. */
export function Schedules({ tabs }: { tabs: ReactNode }) {
  const { t } = useTranslation("exports");
  const slug = useSlug();
  const [asking, setAsking] = useState<Schedule | "new" | null>(null);
  const query = useQuery(read(SCHEDULES, { params: { path: { slug } } }));
  const remove = useWrite("delete", SCHEDULE, { refresh: [SCHEDULES] });
  useJobStream(true, (job) => {
    if (job === "missed" || job.kind === "export.scheduled") void query.refetch();
  });
  return (
    <>
      <Listing
        of="schedules"
        tabs={tabs}
        icon={IconCalendarRepeat}
        query={query}
        onNew={() => setAsking("new")}
        columns={[
          { label: t("schedules.column.name") },
          { label: t("schedules.column.when"), width: 185 },
          { label: t("schedules.column.where"), width: 120 },
          { label: t("schedules.column.last"), width: 140 },
          { label: t("column.by"), width: 95 },
        ]}
        actions={300}
        minWidth={900}
        row={(row, onRemove) => <Row key={row.id} row={row} onEdit={() => setAsking(row)} onRemove={onRemove} />}
        removing={remove.isPending}
        remove={({ id }, after) => remove.mutate({ params: { path: { slug, schedule: id } } }, after)}
      />
      {asking && (
        <ExportDialog repeated {...(asking !== "new" && { schedule: asking })} onClose={() => setAsking(null)} />
      )}
    </>
  );
}

function Row({ row, onEdit, onRemove }: { row: Schedule; onEdit: () => void; onRemove: () => void }) {
  const { t } = useTranslation("exports");
  const { slug, timezone } = useWorkspace();
  const author = useAuthors();
  const cadence = useCadence();
  const whom = useWhom();
  const started = useStarted();
  const params = { path: { slug, schedule: row.id } };
  const run = useWrite("post", `${SCHEDULE}/run`, {
    refresh: [SCHEDULES],
    onSuccess: (job) => {
      started(job);
      notifyDone(t("schedules.ran"));
    },
  });
  const change = useWrite("patch", SCHEDULE, { refresh: [SCHEDULES] });
  return (
    <Table.Tr>
      <Table.Td data-cell="main">
        <div className={classes.title}>{row.name}</div>
        <div className={classes.quiet}>
          {whom(row)} · {t(`format.${row.format}`)}
        </div>
        {row.paused_reason && <div className={classes.bad}>{reasonText(row.paused_reason)}</div>}
      </Table.Td>
      <Table.Td data-cell="wide" data-label={t("schedules.column.when")}>
        <div>{cadence(row)}</div>
        <div className={classes.quiet}>
          {row.next_at ? t("schedules.next", { time: formatTime(row.next_at, timezone) }) : null}
          {row.paused && (
            <Badge color={row.paused_reason ? "red" : "gray"} variant="light" size="sm">
              {t("schedules.paused")}
            </Badge>
          )}
        </div>
      </Table.Td>
      <Table.Td data-label={t("schedules.column.where")}>{row.destination_name}</Table.Td>
      <Table.Td data-cell="wide" data-label={t("schedules.column.last")}>
        <Last row={row} />
      </Table.Td>
      <Table.Td className={classes.quiet} data-label={t("column.by")}>
        {author(row.by)}
      </Table.Td>
      <Table.Td data-cell="wide">
        <div className={classes.end}>
          {!row.paused && (
            <Button
              variant="default"
              size="compact-sm"
              loading={run.isPending}
              aria-label={t("schedules.runOf", { name: row.name })}
              onClick={() => run.mutate({ params })}
            >
              {t("schedules.run")}
            </Button>
          )}
          <Button
            variant="default"
            size="compact-sm"
            loading={change.isPending}
            aria-label={t(row.paused ? "schedules.resumeOf" : "schedules.pauseOf", { name: row.name })}
            onClick={() => change.mutate({ params, body: { paused: !row.paused } })}
          >
            {t(row.paused ? "schedules.resume" : "schedules.pause")}
          </Button>
          <RowActions name={row.name} onEdit={onEdit} onRemove={onRemove} />
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

function Last({ row }: { row: Schedule }) {
  const { t } = useTranslation("exports");
  const { t: ofJobs } = useTranslation("jobs");
  const { slug, timezone } = useWorkspace();
  if (!row.last_job || !row.last_state) return <span className={classes.quiet}>{t("schedules.never")}</span>;
  const job = row.last_job;
  return (
    <>
      <Anchor
        size="sm"
        aria-label={t("schedules.toJob", { name: row.name, state: ofJobs(`state.${row.last_state}`) })}
        renderRoot={(props) => <Link to="/w/$slug/jobs/$job" params={{ slug, job }} {...props} />}
      >
        <JobState job={{ state: row.last_state, cancelling: false }} />
      </Anchor>
      {row.last_delivery && (
        <div className={classes.quiet}>
          {t("schedules.delivered", { count: row.last_delivery.rows })}{" "}
          <RelativeTime at={row.last_delivery.at} zone={timezone} />
        </div>
      )}
      {row.last_error && (
        <div className={classes.bad}>{failureOf({ error: row.last_error, failure: row.last_failure })}</div>
      )}
    </>
  );
}

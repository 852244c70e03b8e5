import { Anchor, Badge, Button, Table } from "@mantine/core";
import { IconCalendarRepeat } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, useWrite } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { JobState, useJobStream, useStarted } from "@/features/jobs";
import { useSegments } from "@/features/segments";
import { EmptyState, ErrorState, formatTime, notifyDone, PageHeader, RelativeTime, RowsSkeleton } from "@/shared";
import { useAuthors } from "@/shared/authors";
import { Confirm } from "@/shared/Confirm";
import { SCHEDULE, SCHEDULES, type Schedule } from "./addresses";
import { useCadence } from "./cadence";
import ExportDialog from "./ExportDialog";
import classes from "./Exports.module.css";

/** What is exported by the clock: when next, what came of it last; run, stopped and removed here. */
export function Schedules({ tabs }: { tabs: ReactNode }) {
  const { t } = useTranslation(["exports", "common"]);
  const slug = useSlug();
  const [asking, setAsking] = useState(false);
  const [removing, setRemoving] = useState<Schedule | null>(null);
  const query = useQuery(read(SCHEDULES, { params: { path: { slug } } }));
  const remove = useWrite("delete", SCHEDULE, { refresh: [SCHEDULES] });
  useJobStream(true, (job) => {
    if (job === "missed" || job.kind === "export.scheduled") void query.refetch();
  });
  const rows = query.data?.items ?? [];
  const make = (
    <Button leftSection={<IconCalendarRepeat size={15} stroke={1.7} />} onClick={() => setAsking(true)}>
      {t("schedules.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("title")} actions={rows.length > 0 && make} />
      {tabs}
      {query.isPending && <RowsSkeleton />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && !rows.length && (
        <EmptyState
          icon={<IconCalendarRepeat size={22} />}
          title={t("schedules.empty")}
          text={t("schedules.emptyText")}
          action={make}
        />
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={860} type="native">
          <Table aria-label={t("show.schedules")} data-stack className={classes.rows}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("schedules.column.name")}</Table.Th>
                <Table.Th w={185}>{t("schedules.column.when")}</Table.Th>
                <Table.Th w={120}>{t("schedules.column.where")}</Table.Th>
                <Table.Th w={140}>{t("schedules.column.last")}</Table.Th>
                <Table.Th w={95}>{t("column.by")}</Table.Th>
                <Table.Th w={235}>
                  <span className="unseen">{t("schedules.column.actions")}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} onRemove={() => setRemoving(row)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {asking && <ExportDialog repeated onClose={() => setAsking(false)} />}
      <Confirm
        opened={removing !== null}
        title={t("schedules.removeTitle", { name: removing?.name ?? "" })}
        text={t("schedules.removeText")}
        action={t("schedules.remove")}
        busy={remove.isPending}
        close={() => setRemoving(null)}
        confirm={() =>
          removing &&
          remove.mutate(
            { params: { path: { slug, schedule: removing.id } } },
            { onSuccess: () => notifyDone(t("schedules.removed")), onSettled: () => setRemoving(null) },
          )
        }
      />
    </>
  );
}

function Row({ row, onRemove }: { row: Schedule; onRemove: () => void }) {
  const { t } = useTranslation("exports");
  const { slug, timezone } = useWorkspace();
  const author = useAuthors();
  const cadence = useCadence();
  const segments = useSegments();
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
  const segment = segments.data?.items.find(({ id }) => id === row.segment)?.name;
  const whom = row.where ? row.where : row.segment ? (segment ?? t("schedules.segment")) : t("dialog.everyone");
  return (
    <Table.Tr>
      <Table.Td data-cell="main">
        <div className={classes.title}>{row.name}</div>
        <div className={classes.quiet}>
          {row.where === null ? t("schedules.untold") : whom} · {t(`format.${row.format}`)}
        </div>
        {row.paused_reason && <div className={classes.bad}>{row.paused_reason}</div>}
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
          <Button
            variant="subtle"
            color="red"
            size="compact-sm"
            aria-label={t("schedules.removeOf", { name: row.name })}
            onClick={onRemove}
          >
            {t("schedules.remove")}
          </Button>
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
      {row.last_error && <div className={classes.bad}>{row.last_error}</div>}
    </>
  );
}

import { Button, Modal, Table } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { call, keyOf, useWrite } from "@/api";
import { useMay, useWorkspace } from "@/app/workspace";
import { isOpen, JobProgress, useJob, useStarted } from "@/features/jobs";
import { ErrorState, More, messageOf, notifyDone, RelativeTime, RowsSkeleton, reasonText } from "@/shared";
import classes from "./Settings.module.css";

const REJECTED = "/api/v1/workspaces/{slug}/attributes/rejected";
const REAPPLY = "/api/v1/workspaces/{slug}/attributes/rejected/reapply";
const REFRESH = [REJECTED, "/api/v1/workspaces/{slug}/people"] as const;
const PAGE = 50;

interface RejectedProps {
  /** The field's name. */
  name: string;
  label: string;
  close: () => void;
}

/** The values of a field that were not taken, with their reasons; tried first, then applied again. */
export function RejectedValues({ name, label, close }: RejectedProps) {
  const { t } = useTranslation(["settings", "common"]);
  const { slug, timezone } = useWorkspace();
  const mayApply = useMay("attributes:write");
  const path = { slug };
  const values = useInfiniteQuery({
    queryKey: keyOf(REJECTED, { path, query: { key: name, limit: PAGE, all: true } }),
    queryFn: ({ pageParam, signal }) => {
      const query = { key: name, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return call("get", REJECTED, { params: { path, query }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const rows = values.data?.pages.flatMap((page) => page.values) ?? [];
  return (
    <Modal opened onClose={close} title={t("rejected.title", { field: label })} size="xl">
      {values.isPending && <RowsSkeleton rows={3} />}
      {values.isError && <ErrorState error={values.error} retry={() => void values.refetch()} />}
      {values.isSuccess && !rows.length && <p className={classes.good}>{t("rejected.none")}</p>}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={520}>
          <Table aria-label={t("rejected.title", { field: label })} data-stack>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("rejected.person")}</Table.Th>
                <Table.Th>{t("rejected.value")}</Table.Th>
                <Table.Th>{t("rejected.reason")}</Table.Th>
                <Table.Th>{t("rejected.at")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={`${row.number} ${row.at}`}>
                  <Table.Td data-label={t("rejected.person")}>
                    <Link to="/w/$slug/people/$number" params={{ slug, number: row.number }}>
                      {row.number}
                    </Link>
                  </Table.Td>
                  <Table.Td className={classes.code} data-cell="main">
                    {typeof row.value === "string" ? row.value : JSON.stringify(row.value)}
                  </Table.Td>
                  <Table.Td className={classes.quiet} data-cell="wide" data-reason>
                    {reasonText(row)}
                  </Table.Td>
                  <Table.Td>
                    <RelativeTime at={row.at} zone={timezone} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <More query={values} />
      {mayApply && rows.length > 0 && <Reapply name={name} />}
    </Modal>
  );
}

/** Tries the values again without keeping anything, says what would be taken, and then does it. */
function Reapply({ name }: { name: string }) {
  const { t } = useTranslation("settings");
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const started = useStarted();
  const params = { path: { slug } };
  const look = useWrite("post", REAPPLY, { meta: { quiet: true } });
  const apply = useWrite("post", REAPPLY, {
    meta: { quiet: true },
    refresh: REFRESH,
    onSuccess: ({ taken, job }) => {
      if (job) started(job);
      else notifyDone(t("rejected.applied", { count: taken }));
    },
  });
  const job = useJob(apply.data?.job?.id).data;
  const ended = job && !isOpen(job) ? job : null;
  const taken = ended?.state === "done" ? Number((ended.result.counts as { taken?: number } | undefined)?.taken) : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it has ended
  useEffect(() => {
    if (ended) for (const path of REFRESH) void client.invalidateQueries({ queryKey: [path] });
    if (taken !== null) notifyDone(t("rejected.applied", { count: taken }));
  }, [ended?.id]);
  const error = look.error ?? apply.error;
  return (
    <div className={classes.form} data-bare>
      <div role="alert">{error && <p className={classes.problem}>{messageOf(error)}</p>}</div>
      <div role="status">
        {look.data && (
          <p className={look.data.taken > 0 ? classes.good : classes.note}>
            {t("rejected.wouldTake", { count: look.data.taken })}{" "}
            {t("rejected.wouldStay", { count: look.data.rejected })}
            {look.data.unseen > 0 && ` ${t("rejected.unseen", { count: look.data.unseen })}`}
          </p>
        )}
      </div>
      {job && isOpen(job) && <JobProgress job={job} />}
      <div className={classes.buttons}>
        <Button
          variant="default"
          loading={look.isPending}
          onClick={() => look.mutate({ params, body: { key: name, dry_run: true } })}
        >
          {t("rejected.try")}
        </Button>
        <Button
          loading={apply.isPending}
          disabled={(job && isOpen(job)) || !look.data || look.data.taken + look.data.unseen === 0}
          onClick={() => apply.mutate({ params, body: { key: name, dry_run: false } })}
        >
          {t("rejected.apply")}
        </Button>
      </div>
    </div>
  );
}

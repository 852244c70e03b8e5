import { Badge, Button, SegmentedControl, Table } from "@mantine/core";
import { IconDownload, IconShieldLock } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { call, keyOf } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { JobProgress, useJob } from "@/features/jobs";
import { EmptyState, ErrorState, formatNumber, More, PageHeader, RelativeTime, RowsSkeleton } from "@/shared";
import { useAuthors } from "@/shared/authors";
import { AllowDialog } from "./AllowDialog";
import { ERASURES, type Erasure } from "./addresses";
import { groupsOf } from "./counts";
import classes from "./Privacy.module.css";
import { Register } from "./Register";
import { Retention } from "./Retention";

const route = getRouteApi("/w/$slug/tools/privacy");
const PAGE = 25;
const SHOWN = ["erasures", "retention", "register"] as const;

/** Who was erased, with certificates; for how long what is kept; and the register of all that is kept. */
export function PrivacyPage() {
  const { t } = useTranslation("privacy");
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const [allowing, setAllowing] = useState(false);
  return (
    <>
      <PageHeader
        title={t("title")}
        actions={
          <Button variant="default" onClick={() => setAllowing(true)}>
            {t("erasures.again")}
          </Button>
        }
      />
      <div className={classes.toolbar}>
        <SegmentedControl
          size="xs"
          aria-label={t("show.label")}
          data={SHOWN.map((value) => ({ value, label: t(`show.${value}`) }))}
          value={show ?? "erasures"}
          onChange={(value) => {
            const chosen = SHOWN.find((each) => each === value);
            void navigate({ search: chosen && chosen !== "erasures" ? { show: chosen } : {} });
          }}
        />
      </div>
      {show === "register" && <Register />}
      {show === "retention" && <Retention />}
      {show === undefined && <Erasures />}
      {allowing && <AllowDialog close={() => setAllowing(false)} />}
    </>
  );
}

function Erasures() {
  const { t } = useTranslation(["privacy", "common"]);
  const path = { slug: useSlug() };
  const query = useInfiniteQuery({
    queryKey: keyOf(ERASURES, { path, query: { limit: PAGE } }),
    queryFn: ({ pageParam, signal }) =>
      call("get", ERASURES, {
        params: { path, query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {query.isPending && <RowsSkeleton />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && !rows.length && (
        <EmptyState icon={<IconShieldLock size={22} />} title={t("erasures.empty")} text={t("erasures.emptyText")} />
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={760} type="native">
          <Table aria-label={t("show.erasures")} data-stack className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("erasures.column.what")}</Table.Th>
                <Table.Th w={200}>{t("erasures.column.state")}</Table.Th>
                <Table.Th w={220}>{t("erasures.column.removed")}</Table.Th>
                <Table.Th w={120}>{t("erasures.column.by")}</Table.Th>
                <Table.Th w={120}>{t("erasures.column.at")}</Table.Th>
                <Table.Th w={150}>
                  <span className="unseen">{t("erasures.column.actions")}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((erasure) => (
                <Row key={erasure.id} erasure={erasure} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <More query={query} edge />
    </>
  );
}

function Row({ erasure }: { erasure: Erasure }) {
  const { t } = useTranslation("privacy");
  const { slug, timezone } = useWorkspace();
  const author = useAuthors();
  const open = erasure.state === "open";
  const removed = groupsOf(erasure.counts).map(
    ({ group, count }) => `${formatNumber(count)} ${t(`group.${group}`, { count })}`,
  );
  const address = `/api/v1/workspaces/${encodeURIComponent(slug)}/erasures/${encodeURIComponent(erasure.id)}/certificate`;
  return (
    <Table.Tr>
      <Table.Td data-cell="main">
        <div className={classes.name}>
          {t("erasures.people", { count: erasure.people.length, number: formatNumber(erasure.people.length) })}
          {erasure.reason && ` · ${erasure.reason}`}
        </div>
        <div className={`${classes.quiet} numbers`}>{erasure.people.map((number) => `#${number}`).join(", ")}</div>
      </Table.Td>
      <Table.Td data-cell={open ? "wide" : "end"}>
        {open ? (
          <Progress job={erasure.job} />
        ) : (
          <Badge variant="light" color="green" size="sm">
            {t("erasures.done")}
          </Badge>
        )}
      </Table.Td>
      <Table.Td className={classes.quiet}>{removed.join(" · ")}</Table.Td>
      <Table.Td className={classes.quiet}>{author(erasure.by)}</Table.Td>
      <Table.Td className={classes.quiet}>
        <RelativeTime at={erasure.asked_at} zone={timezone} />
      </Table.Td>
      <Table.Td data-cell="wide">
        {!open && (
          <Button
            component="a"
            href={address}
            download={`${erasure.id}.json`}
            variant="default"
            size="compact-sm"
            leftSection={<IconDownload size={14} stroke={1.7} />}
            aria-label={t("erasures.certificateOf", { id: erasure.id })}
          >
            {t("erasures.certificate")}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** How far an erasure is; at the end of its job the list is read again. */
function Progress({ job: id }: { job: string | null }) {
  const { t } = useTranslation("privacy");
  const client = useQueryClient();
  const job = useJob(id);
  const state = job.data?.state;
  useEffect(() => {
    if (state === "done") void client.invalidateQueries({ queryKey: [ERASURES] });
  }, [state, client]);
  if (job.data && (state === "queued" || state === "running")) return <JobProgress job={job.data} />;
  return (
    <Badge variant="light" color="iris" size="sm">
      {t("erasures.open")}
    </Badge>
  );
}

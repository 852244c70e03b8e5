import { Button, Select, Table } from "@mantine/core";
import { IconClipboardList } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call, keyOf, read } from "@/api";
import { useWorkspace } from "@/app/workspace";
import { countsOf } from "@/features/jobs";
import { EmptyState, ErrorState, formatTime, More, PageHeader, RowsSkeleton } from "@/shared";
import { ACTIONS, detailsOf, isId, isTime, JOBS } from "./audit";
import classes from "./Settings.module.css";

const route = getRouteApi("/w/$slug/settings/audit");
const AUDIT = "/api/v1/workspaces/{slug}/audit";
const PAGE = 50;

/** Who did what and when, newest first; a chain of hashes that `coterie doctor` checks. */
export function AuditPage() {
  const { t } = useTranslation(["settings", "common"]);
  const { t: jobs } = useTranslation("jobs");
  const { slug, timezone } = useWorkspace();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const members = useQuery(read("/api/v1/workspaces/{slug}/members", { params: { path: { slug } } }));
  const keys = useQuery(read("/api/v1/workspaces/{slug}/keys", { params: { path: { slug } } }));
  const path = { slug };
  const entries = useInfiniteQuery({
    queryKey: keyOf(AUDIT, { path, query: { ...search, limit: PAGE } }),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...search, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return call("get", AUDIT, { params: { path, query }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });

  const names: Record<string, string> = Object.assign({}, ...(entries.data?.pages ?? []).map((page) => page.names));
  /** What has a name by it, the rest by its id. */
  const nameOf = (id: string): string => {
    const special = ["system", "cli", "anonymous"].find((each) => each === id) as "system" | undefined;
    return names[id.replace(/^(user|key):/, "")] ?? (special ? t(`audit.actors.${special}`) : id);
  };
  const narrow = (change: { action?: string | undefined; actor?: string | undefined }) => {
    const next = { ...search, ...change };
    const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value));
    void navigate({ search: kept, replace: true });
  };
  const rows = entries.data?.pages.flatMap((page) => page.entries) ?? [];
  const filtered = Boolean(search.action || search.actor);
  const words = {
    key: (key: string) => t(`audit.keys.${key}` as "audit.keys.role", { defaultValue: key.replaceAll("_", " ") }),
    value: valueWords,
  };
  return (
    <>
      <PageHeader title={t("parts.audit")} />
      <div className={classes.filters}>
        <Select
          size="xs"
          className={classes.filter ?? ""}
          clearable
          searchable
          aria-label={t("audit.action")}
          placeholder={t("audit.anyAction")}
          data={ACTIONS.map((action) => ({ value: action, label: actionWords(action) }))}
          value={search.action ?? null}
          onChange={(action) => narrow({ action: action ?? undefined })}
        />
        <Select
          size="xs"
          className={classes.filter ?? ""}
          clearable
          searchable
          aria-label={t("audit.actor")}
          placeholder={t("audit.anyActor")}
          data={[
            ...(members.data ?? []).map(({ id, name, email }) => ({ value: `user:${id}`, label: name || email })),
            ...(keys.data ?? []).map(({ id, name }) => ({ value: `key:${id}`, label: name })),
            { value: "cli", label: t("audit.actors.cli") },
          ]}
          value={search.actor ?? null}
          onChange={(actor) => narrow({ actor: actor ?? undefined })}
        />
      </div>
      {entries.isPending && <RowsSkeleton />}
      {entries.isError && <ErrorState error={entries.error} retry={() => void entries.refetch()} />}
      {entries.isSuccess && !rows.length && (
        <EmptyState
          icon={<IconClipboardList size={22} />}
          title={t(filtered ? "audit.none" : "audit.empty")}
          action={
            filtered && (
              <Button variant="default" onClick={() => narrow({ action: undefined, actor: undefined })}>
                {t("audit.clear")}
              </Button>
            )
          }
        />
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={680}>
          <Table aria-label={t("parts.audit")} data-stack>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={200}>{t("audit.at")}</Table.Th>
                <Table.Th w={180}>{t("audit.actor")}</Table.Th>
                <Table.Th w={210}>{t("audit.action")}</Table.Th>
                <Table.Th>{t("audit.details")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((entry) => (
                <Table.Tr key={entry.number}>
                  <Table.Td className={`numbers ${classes.moment}`} data-cell="end">
                    {formatTime(entry.at, timezone)}
                  </Table.Td>
                  <Table.Td title={entry.actor}>
                    {nameOf(entry.actor)}
                    {entry.ip && <div className={classes.quiet}>{entry.ip}</div>}
                  </Table.Td>
                  <Table.Td data-cell="main">{actionWords(entry.action)}</Table.Td>
                  <Table.Td
                    className={classes.quiet}
                    data-cell="wide"
                    title={`#${entry.number} ${entry.target} ${entry.hash}`}
                  >
                    {[targetWords(entry.target), told(entry.details)].filter(Boolean).join(" · ")}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <More query={entries} edge />
    </>
  );

  /** The details in words where we have them: which job it was, and what it did. */
  function told({ kind, counts, ...rest }: Readonly<Record<string, unknown>>): string {
    const job = JOBS.find((each) => each === kind);
    const isCounts = typeof counts === "object" && counts !== null;
    const did = isCounts ? countsOf({ result: { counts } }, jobs).map((each) => `${each.label}: ${each.count}`) : [];
    const others = { ...(kind !== undefined && !job && { kind }), ...(!isCounts && { counts }), ...rest };
    return [job && t(`audit.jobs.${job.replace(".", "_")}` as "audit.jobs.export"), ...did, detailsOf(others, words)]
      .filter(Boolean)
      .join(" · ");
  }

  /** Who or what an entry is about; empty for what has no name. */
  function targetWords(target: string): string {
    const person = /^person:(\d+)$/.exec(target)?.[1];
    if (person !== undefined) return t("audit.person", { number: person });
    return target === "everyone" ? t("audit.everyone") : named(target);
  }

  function named(id: string): string {
    const name = nameOf(id);
    return isId(name) ? "" : name;
  }

  function valueWords(key: string, value: string | boolean): string {
    if (typeof value === "boolean") return t(value ? "audit.yes" : "audit.no");
    if (key === "role" || key === "roles")
      return t(`common:workspace.roles.${value}` as "common:workspace.roles.admin", { defaultValue: value });
    return isTime(value) ? formatTime(value, timezone) : named(value);
  }

  function actionWords(action: string): string {
    return t(`audit.actions.${action.replace(".", "_")}` as "audit.actions.key_created", { defaultValue: action });
  }
}

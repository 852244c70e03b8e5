import { Anchor, Badge, Table } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { call, keyOf } from "@/api";
import { useFields, useSlug } from "@/app/workspace";
import type { Job } from "@/features/jobs";
import { ErrorState, formatNumber, More, RowsSkeleton, reasonText } from "@/shared";
import { type ImportRow, type Phase, ROWS } from "./addresses";
import classes from "./Imports.module.css";

const PAGE = 50;
const MOST_CHANGES = 6;
export const OUTCOMES = ["created", "updated", "unchanged", "skipped", "duplicate", "rejected"] as const;
export type Outcome = ImportRow["outcome"];
const COLOURS: Readonly<Record<Outcome, string>> = {
  created: "green",
  updated: "iris",
  unchanged: "gray",
  skipped: "gray",
  duplicate: "orange",
  rejected: "red",
  restored: "iris",
  kept: "orange",
};

interface CountsProps {
  job: Job;
  value: Outcome | null;
  onChange: (outcome: Outcome | null) => void;
}

/** How many rows there are of each outcome; a click lists only these. */
export function OutcomeCounts({ job, value, onChange }: CountsProps) {
  const { t } = useTranslation("imports");
  const counts = (job.result.counts ?? {}) as Partial<Record<string, number>>;
  const shown = OUTCOMES.filter((outcome) => counts[outcome]);
  const all = shown.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0);
  const tiles = [{ outcome: null, label: t("outcome.all", { count: all }), count: all }].concat(
    shown.map((outcome) => ({
      outcome,
      label: t(`outcome.${outcome}`, { count: counts[outcome] ?? 0 }),
      count: counts[outcome] ?? 0,
    })) as [],
  ) as { outcome: Outcome | null; label: string; count: number }[];
  return (
    <fieldset className={classes.counts} aria-label={t("outcome.label")}>
      {tiles.map(({ outcome, label, count }) => (
        <button
          key={outcome ?? "all"}
          type="button"
          className={classes.count}
          aria-pressed={value === outcome}
          onClick={() => onChange(outcome)}
        >
          <strong className="numbers">{formatNumber(count)}</strong>
          {label}
        </button>
      ))}
    </fieldset>
  );
}

interface RowsProps {
  id: string;
  phase: Phase;
  outcome: Outcome | null;
  label: string;
}

/** Row by row what became, or would become, of the file. */
export function OutcomeRows({ id, phase, outcome, label }: RowsProps) {
  const { t } = useTranslation(["imports", "common"]);
  const slug = useSlug();
  const path = { slug, import_id: id };
  const asked = { phase, limit: PAGE, ...(outcome && { outcome }) };
  const rows = useInfiniteQuery({
    queryKey: keyOf(ROWS, { path, query: asked }),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asked, ...(pageParam && { cursor: pageParam }) };
      return call("get", ROWS, { params: { path, query }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const items = rows.data?.pages.flatMap((page) => page.items) ?? [];
  if (rows.isPending) return <RowsSkeleton rows={5} />;
  if (rows.isError) return <ErrorState error={rows.error} retry={() => void rows.refetch()} />;
  if (!items.length) return <p className={classes.text}>{t("outcome.none")}</p>;
  return (
    <div className={classes.wide} aria-busy={rows.isPlaceholderData}>
      <Table.ScrollContainer minWidth={680} type="native">
        <Table aria-label={label} className={classes.table ?? ""} data-stack>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={90}>{t("outcome.line")}</Table.Th>
              <Table.Th w={130}>{t("outcome.outcome")}</Table.Th>
              <Table.Th w={110}>{t("outcome.person")}</Table.Th>
              <Table.Th>{t("outcome.what")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((row) => (
              <Row key={row.line} row={row} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <More query={rows} edge />
    </div>
  );
}

function Row({ row }: { row: ImportRow }) {
  const { t } = useTranslation("imports");
  const slug = useSlug();
  const isGone = row.outcome === "restored";
  return (
    <Table.Tr>
      <Table.Td className="numbers" data-cell="main">
        {t("outcome.lineOf", { line: formatNumber(row.line) })}
      </Table.Td>
      <Table.Td data-cell="end">
        <Badge variant="light" size="sm" color={COLOURS[row.outcome]}>
          {t(`outcome.one.${row.outcome}`)}
        </Badge>
      </Table.Td>
      <Table.Td className="numbers" data-cell="wide">
        {row.number !== null && !isGone && (
          <Anchor
            size="xs"
            renderRoot={(props) => (
              <Link to="/w/$slug/people/$number" params={{ slug, number: row.number ?? 0 }} {...props} />
            )}
          >
            #{row.number}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td data-cell="wide">
        <Changes row={row} />
        {row.of !== null && row.of !== undefined && !row.reason && (
          <p className={classes.reason} data-mild>
            {t("outcome.of", { line: formatNumber(row.of) })}
          </p>
        )}
        {row.reason && (
          <p className={classes.reason} data-mild={row.outcome !== "rejected" || undefined} data-reason>
            {reasonText(row)}
          </p>
        )}
        {row.outcome !== "rejected" &&
          row.problems.map((problem) => (
            <p key={`${problem.field} ${problem.cell}`} className={classes.reason} data-reason>
              {t("outcome.leftOut", { field: problem.field, cell: problem.cell, reason: reasonText(problem) })}
            </p>
          ))}
        {row.warnings.map((warning) => (
          <p key={warning.reason} className={classes.reason} data-mild data-reason>
            {reasonText(warning)}
          </p>
        ))}
        {row.cells && <p className={classes.cells}>{row.cells.join(" · ")}</p>}
      </Table.Td>
    </Table.Tr>
  );
}

/** The values of a row: each field from what to what. */
function Changes({ row }: { row: ImportRow }) {
  const { t } = useTranslation("imports");
  const fields = useFields();
  const labels = useMemo(() => new Map(fields.map(({ name, label }) => [name, label])), [fields]);
  const changes = Object.entries(row.changes);
  if (!changes.length) return null;
  return (
    <dl className={classes.changes}>
      {changes.slice(0, MOST_CHANGES).map(([field, [before, after]]) => (
        <div key={field}>
          <dt>{labels.get(field) || field}</dt>
          <dd>
            {isThere(before) && (
              <>
                <span className={classes.was}>{textOf(before)}</span> <span aria-hidden="true">→</span>
                <span className="unseen">{t("outcome.becomes")}</span>{" "}
              </>
            )}
            {isThere(after) ? textOf(after) : t("outcome.nothing")}
          </dd>
        </div>
      ))}
      {changes.length > MOST_CHANGES && <div>{t("outcome.more", { count: changes.length - MOST_CHANGES })}</div>}
    </dl>
  );
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

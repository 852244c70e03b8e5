import { Anchor, Button, Table } from "@mantine/core";
import { IconArrowDownLeft, IconArrowsExchange, IconArrowUpRight } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call, keyOf, type Schemas } from "@/api";
import { useWorkspace } from "@/app/workspace";
import { EmptyState, ErrorState, formatNumber, More, RelativeTime, RowsSkeleton } from "@/shared";
import { HISTORY } from "../addresses";
import { useCause } from "../useCause";
import classes from "./tabs.module.css";

/** Who entered a segment and who left it, newest first, each with the reason. */
export default function MovesTab({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const { slug } = useWorkspace();
  const path = { slug, segment: segment.id };
  const pages = useInfiniteQuery({
    queryKey: keyOf(HISTORY, { path, moves: true }),
    queryFn: ({ pageParam, signal }) =>
      call("get", HISTORY, {
        params: { path, query: { limit: 50, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  if (pages.isPending) return <RowsSkeleton />;
  if (pages.isError) return <ErrorState error={pages.error} retry={() => void pages.refetch()} />;
  const moves = pages.data.pages.flatMap((page) => page.transitions);
  const [first] = pages.data.pages;
  if (!moves.length) {
    return (
      <EmptyState
        icon={<IconArrowsExchange size={22} />}
        title={t("moves.empty")}
        text={t("moves.emptyText")}
        action={
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link to="/w/$slug/segments/$segment" params={path} search={{ tab: "members" }} replace {...props} />
            )}
          >
            {t("moves.members")}
          </Button>
        }
      />
    );
  }
  return (
    <>
      {first && (
        <p className={`${classes.note} ${classes.padded}`}>
          {t("moves.total", { entered: formatNumber(first.entered), left: formatNumber(first.left) })}
        </p>
      )}
      <MovesTable moves={moves} />
      <More query={pages} edge />
    </>
  );
}

function MovesTable({ moves }: { moves: readonly Schemas["TransitionOut"][] }) {
  const { t } = useTranslation("segments");
  const { slug, timezone } = useWorkspace();
  const cause = useCause();
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table highlightOnHover aria-label={t("tabs.moves")} className={classes.table} data-stack>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("moves.what")}</Table.Th>
            <Table.Th>{t("column.person")}</Table.Th>
            <Table.Th>{t("moves.when")}</Table.Th>
            <Table.Th>{t("column.why")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {moves.map(({ number, name, entered, at, cause: kind, ref }) => (
            <Table.Tr key={`${at} ${number} ${entered}`}>
              <Table.Td data-cell="end">
                <span className={`${classes.mark} ${entered ? classes.entered : classes.left}`}>
                  {entered ? <IconArrowDownLeft size={15} /> : <IconArrowUpRight size={15} />}
                  {t(entered ? "moves.entered" : "moves.left")}
                </span>
              </Table.Td>
              <Table.Td data-cell="main">
                <Anchor
                  size="sm"
                  fw={500}
                  renderRoot={(props) => <Link to="/w/$slug/people/$number" params={{ slug, number }} {...props} />}
                >
                  {name ?? t("members.unnamed", { number })}
                </Anchor>
              </Table.Td>
              <Table.Td className={classes.quiet}>
                <RelativeTime at={at} zone={timezone} />
              </Table.Td>
              <Table.Td className={classes.quiet}>{cause(kind, ref)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

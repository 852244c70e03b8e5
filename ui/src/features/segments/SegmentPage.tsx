import { Button, Tabs } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call, type ReadPath, read, type Schemas } from "@/api";
import { ErrorState, formatNumber, RowsSkeleton, reasonText, useTitle } from "@/shared";
import { useStrip } from "@/shared/useStrip";
import { HISTORY, ONE, PEOPLE } from "./addresses";
import { Definition } from "./Definition";
import { againSoon } from "./data";
import { useSegmentMoves } from "./live";
import { TABS, type Tab } from "./routes";
import { SegmentHeader } from "./SegmentHeader";
import classes from "./SegmentPage.module.css";

const MembersTab = lazy(() => import("./tabs/MembersTab"));
const SizeTab = lazy(() => import("./tabs/SizeTab"));
const MovesTab = lazy(() => import("./tabs/MovesTab"));
const CompositionTab = lazy(() => import("./tabs/CompositionTab"));
const OverlapTab = lazy(() => import("./tabs/OverlapTab"));
const UsesTab = lazy(() => import("./tabs/UsesTab"));
const HistoryTab = lazy(() => import("./tabs/HistoryTab"));

const route = getRouteApi("/w/$slug/segments/$segment");

/** One segment: what it is, who is in it, and what became of it. */
export function SegmentPage() {
  const { t } = useTranslation("segments");
  const { slug, segment: id } = route.useParams();
  const query = useQuery({
    ...read(ONE, { params: { path: { slug, segment: id } } }),
    refetchInterval: ({ state }) => againSoon(state.data && [state.data]),
  });
  useTitle(query.data?.name ?? t("title"));
  if (query.isPending) return <RowsSkeleton />;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return <Loaded key={id} segment={query.data} />;
}

function Loaded({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const navigate = useNavigate();
  const { slug } = route.useParams();
  const search = route.useSearch();
  const tab = search.tab ?? "members";
  const news = useNews(segment);
  const strip = useStrip<HTMLDivElement>(tab, "[aria-selected='true']");
  const open = (next: Tab) =>
    void navigate({
      to: "/w/$slug/segments/$segment",
      params: { slug, segment: segment.id },
      search: { ...search, tab: next },
      replace: true,
    });
  return (
    <>
      <SegmentHeader segment={segment} />
      {segment.broken && (
        <p className={classes.broken} role="alert">
          <IconAlertTriangle size={15} aria-hidden="true" />
          {t("broken.text", { reason: reasonText({ reason: segment.broken, code: segment.broken_code }) })}
        </p>
      )}
      {segment.rebuilding && (
        <p className={classes.rebuilding} role="status">
          {t("rebuilding")}
        </p>
      )}
      <Definition segment={segment} />
      <Tabs
        value={tab}
        onChange={(next) => open(TABS.find((each) => each === next) ?? "members")}
        keepMounted={false}
        className={classes.tabs}
        activateTabWithKeyboard={false}
      >
        <Tabs.List ref={strip} aria-label={t("tabs.label")} className={classes.list}>
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tabs.${each}`)}
              {each === "uses" && segment.uses.length > 0 && (
                <span className={classes.count}>{segment.uses.length}</span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((each) => (
          <Tabs.Panel key={each} value={each} className={classes.panel}>
            {news.bar}
            <Suspense fallback={<RowsSkeleton />}>{panelOf(each, segment, news.mine)}</Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

function panelOf(tab: Tab, segment: Schemas["SegmentDetail"], onChanged: () => void): ReactNode {
  switch (tab) {
    case "members":
      return <MembersTab segment={segment} onChanged={onChanged} />;
    case "size":
      return <SizeTab segment={segment} />;
    case "moves":
      return <MovesTab segment={segment} />;
    case "composition":
      return <CompositionTab segment={segment} />;
    case "overlap":
      return <OverlapTab segment={segment} />;
    case "uses":
      return <UsesTab segment={segment} />;
    case "history":
      return <HistoryTab segment={segment} />;
  }
}

const STALE_AFTER_MOVES: readonly ReadPath[] = [PEOPLE, HISTORY, "/api/v1/workspaces/{slug}/charts/breakdown/{field}"];
const MINE_MS = 2_000;

interface Moved {
  entered: number;
  left: number;
}

/**
 * Who moved since the tab was read. Lists are not changed under the reader's eyes: a bar offers to show them.
 * `mine` says that the reader has just changed the members, so that the bar stays away.
 */
function useNews(segment: Schemas["SegmentDetail"]): { bar: ReactNode; mine: () => void } {
  const { t } = useTranslation("segments");
  const client = useQueryClient();
  const [moved, setMoved] = useState<Moved>({ entered: 0, left: 0 });
  const mineUntil = useRef(0);
  const missed = useMissed(segment);
  const show = () => {
    setMoved({ entered: 0, left: 0 });
    for (const path of STALE_AFTER_MOVES) void client.invalidateQueries({ queryKey: [path] });
    void client.invalidateQueries({ queryKey: ["regions"] });
  };
  useSegmentMoves((moves, at) => {
    if (moves === "reset") return void missed.read().then(add, () => undefined);
    const ours = moves.find((each) => each.id === segment.id);
    if (!ours) return;
    missed.told(at);
    if (Date.now() >= mineUntil.current) add({ entered: ours.entered_count, left: ours.left_count });
  });
  const add = (more: Moved) =>
    setMoved(({ entered, left }) => ({ entered: entered + more.entered, left: left + more.left }));
  const told = [
    moved.entered && t("live.entered", { count: moved.entered, number: formatNumber(moved.entered) }),
    moved.left && t("live.left", { count: moved.left, number: formatNumber(moved.left) }),
  ].filter(Boolean);
  return {
    mine: () => {
      mineUntil.current = Date.now() + MINE_MS;
    },
    bar: told.length > 0 && (
      <div className={classes.news} role="status">
        {told.join(", ")}
        <Button variant="subtle" size="compact-xs" onClick={show}>
          {t("live.show")}
        </Button>
      </div>
    ),
  };
}

/** Who has moved since it was told last, as the history says: for a time in which nobody told. */
function useMissed({ id, computed_at }: Schemas["SegmentDetail"]) {
  const { slug } = route.useParams();
  const toldAt = useRef(computed_at);
  return {
    told: (at: string) => {
      toldAt.current = at;
    },
    read: async (): Promise<Moved> => {
      const since = new Date(Date.parse(toldAt.current) + 1).toISOString();
      const { entered, left, transitions } = await call("get", HISTORY, {
        params: { path: { slug, segment: id }, query: { limit: 1, since } },
      });
      toldAt.current = transitions[0]?.at ?? toldAt.current;
      return { entered, left };
    },
  };
}

import { Button, SegmentedControl } from "@mantine/core";
import { IconFilterExclamation, IconRefresh, IconUsers } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { PeopleCharts } from "@/features/charts";
import { ProfilePanel } from "@/features/profile";
import { EmptyState, ErrorState, PageHeader, RowsSkeleton } from "@/shared";
import { FilterBar } from "./filter/FilterBar";
import { useFilter } from "./filter/useFilter";
import { AddMenu } from "./list/AddMenu";
import { BulkBar } from "./list/BulkBar";
import { ColumnsMenu } from "./list/ColumnsMenu";
import { FirstSteps } from "./list/FirstSteps";
import { FoundById } from "./list/FoundById";
import classes from "./list/List.module.css";
import { PeopleTable } from "./list/PeopleTable";
import { SearchBox } from "./list/SearchBox";
import { NOBODY, type Selection } from "./list/selection";
import { useLive, useOutdated, useOwnChangeAt } from "./list/useLive";
import { effectiveWhere, usePeople } from "./list/usePeople";
import { ALL, type Saved, useViews, ViewsMenu } from "./list/ViewsMenu";
import { FIRST, type PeopleSearch, searchOf, type View, viewOf, viewOfSaved } from "./list/view";

const route = getRouteApi("/w/$slug/people");

/** Everyone, or those of a filter: the list, its views, the filter bar, the charts, and one profile beside it. */
export function PeoplePage() {
  const { t } = useTranslation("people");
  const search = route.useSearch();
  const { view, show, go } = useAddress(search);
  const views = useViews();
  const starting = useDefaultView(search, views.data?.items, show);
  const where = effectiveWhere(view.where, search.q ?? "");
  const onSentence = useAfterFrame(useCallback((sentence: string) => show({ where: sentence }), [show]));
  const filter = useFilter(view.where, onSentence);
  const changedAt = useLive();
  const { query, people, total, moved } = usePeople({
    where,
    sort: view.sort,
    enabled: !(starting && views.isPending),
    changedAt,
  });
  const reading = query.isFetching && !query.isFetchingNextPage;
  const outdated = useOutdated(changedAt, reading, useOwnChangeAt()) || (moved && !reading);
  const [selection, setSelection] = useState<Selection>(NOBODY);
  // biome-ignore lint/correctness/useExhaustiveDependencies: others match, so nobody is selected
  useEffect(() => setSelection(NOBODY), [where]);
  const { fetchNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    // While one page is under way another scroll may ask again, before this is drawn anew: the first must not be lost.
    if (!isFetchingNextPage) void fetchNextPage({ cancelRefetch: false });
  }, [fetchNextPage, isFetchingNextPage]);
  const open = useCallback(
    (person?: number) => go(({ person: _, ...rest }) => (person ? { ...rest, person } : rest)),
    [go],
  );
  const saved = views.data?.items.find(({ id }) => id === search.view);
  const exported = useMemo(() => ["number", FIRST, ...view.columns.map(({ field }) => field)], [view.columns]);
  const everyone = useCallback(() => show({ where: "" }, ALL, true), [show]);
  const isWrong = filter.error?.status === 400;
  // The filter of the address is wrong, and there is none before it to show.
  const isLost = isWrong && query.isError;
  const shownTotal = search.q ? total : (filter.total ?? total);

  // The same elements while a filter is edited: each key changes the filter bar and nothing else on the page.
  const actions = useMemo(
    () => (
      <>
        <SegmentedControl
          size="xs"
          aria-label={t("tab.label")}
          data={[
            { value: "list", label: t("tab.list") },
            { value: "charts", label: t("tab.charts") },
          ]}
          value={search.tab ?? "list"}
          onChange={(tab) => go(({ tab: _, ...rest }) => (tab === "charts" ? { ...rest, tab } : rest))}
        />
        {search.tab !== "charts" && <ColumnsMenu columns={view.columns} onColumns={(columns) => show({ columns })} />}
        <AddMenu where={where} total={total} columns={exported} />
      </>
    ),
    [search.tab, view.columns, where, total, exported, go, show, t],
  );
  const { refetch } = query;
  const head = useMemo(
    () => (
      <>
        <ViewsMenu view={view} saved={saved} views={views.data?.items ?? []} onShow={show} />
        {outdated && (
          <Button
            variant="light"
            leftSection={<IconRefresh size={14} />}
            className={classes.fresh ?? ""}
            onClick={() => void refetch()}
          >
            {t("live.refresh")}
          </Button>
        )}
        <SearchBox value={search.q ?? ""} onChange={(q) => go(({ q: _, ...rest }) => (q ? { ...rest, q } : rest))} />
      </>
    ),
    [view, saved, views.data, outdated, search.q, refetch, go, show, t],
  );

  return (
    <>
      <PageHeader title={t("title")} count={shownTotal} actions={actions} />
      <div className={classes.toolbar}>
        {head}
        <FilterBar filter={filter} onSentence={onSentence} />
      </div>
      {search.q && <FoundById text={search.q} />}
      <BulkBar selection={selection} onSelection={setSelection} total={total ?? 0} where={where} columns={exported} />
      {isWrong && !isLost && <p className={classes.kept}>{t("unread.kept")}</p>}
      {isLost && <Unread onClear={everyone} />}
      {!isLost && search.tab === "charts" && <PeopleCharts where={where || undefined} />}
      {!isLost && search.tab !== "charts" && (
        <>
          {query.isPending && <RowsSkeleton rows={14} />}
          {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
          {total === 0 && <Nobody filtered={where !== ""} onClear={everyone} />}
          {total !== undefined && total > 0 && (
            <PeopleTable
              people={people}
              total={total}
              view={view}
              onView={show}
              selection={selection}
              onSelection={setSelection}
              active={search.person}
              onOpen={open}
              hasMore={query.hasNextPage}
              onMore={more}
              stale={query.isPlaceholderData || isWrong}
            />
          )}
        </>
      )}
      <Profile number={search.person} people={people} onOpen={open} />
    </>
  );
}

type Show = (view: Partial<View>, id?: string, clear?: boolean) => void;

/** What the address shows, and ways to change it. Changes of the view replace: going back leaves the list. */
function useAddress(search: PeopleSearch) {
  const navigate = route.useNavigate();
  const { where, sort, cols } = search;
  const view = useMemo(
    () => viewOf({ ...(where && { where }), ...(sort && { sort }), ...(cols && { cols }) }),
    [where, sort, cols],
  );
  const go = useCallback(
    (change: (before: PeopleSearch) => PeopleSearch) => void navigate({ search: change, replace: true }),
    [navigate],
  );
  const show = useCallback<Show>(
    (next, id, clear = false) =>
      go((before) => {
        const { where: _w, sort: _s, cols: _c, q, ...rest } = before;
        const kept = q && !clear && id === undefined ? { q } : {};
        const shown = searchOf({ ...viewOf(before), ...next });
        // An address that says nothing would open the default view.
        const named = id ?? before.view ?? (Object.keys(shown).length ? undefined : ALL);
        return { ...rest, ...kept, ...shown, ...(named !== undefined && { view: named }) };
      }),
    [go],
  );
  return { view, show, go };
}

const FRAME_MS = 20;

/** Calls back when what was drawn now is on the screen, unless the page was left meanwhile. */
function useAfterFrame<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => {
    const pending = timers.current;
    return () => {
      for (const timer of pending) clearTimeout(timer);
    };
  }, []);
  return useCallback(
    (...args: A) => {
      const timer = setTimeout(() => {
        timers.current.delete(timer);
        callback(...args);
      }, FRAME_MS);
      timers.current.add(timer);
    },
    [callback],
  );
}

/** A list that is opened without a view of its own opens with the workspace's default one. */
function useDefaultView(search: PeopleSearch, views: readonly Saved[] | undefined, show: Show): boolean {
  const starting = !search.view && !search.where && !search.sort && !search.cols && !search.q;
  const preset = views?.find(({ is_default, broken }) => is_default && broken === null);
  useEffect(() => {
    if (starting && preset) show(viewOfSaved(preset), preset.id);
  }, [starting, preset, show]);
  return starting;
}

function Nobody({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useTranslation("people");
  return (
    <EmptyState
      icon={<IconUsers size={22} />}
      title={t(filtered ? "none.title" : "empty.title")}
      text={t(filtered ? "none.text" : "empty.text")}
      action={
        filtered ? (
          <Button variant="default" onClick={onClear}>
            {t("none.clear")}
          </Button>
        ) : (
          <FirstSteps />
        )
      }
    />
  );
}

function Unread({ onClear }: { onClear: () => void }) {
  const { t } = useTranslation("people");
  return (
    <EmptyState
      icon={<IconFilterExclamation size={22} />}
      title={t("unread.title")}
      text={t("unread.text")}
      action={
        <Button variant="default" onClick={onClear}>
          {t("none.clear")}
        </Button>
      }
    />
  );
}

interface ProfileProps {
  number: number | undefined;
  people: readonly { number: number }[];
  onOpen: (number?: number) => void;
}

function Profile({ number, people, onOpen }: ProfileProps) {
  if (number === undefined) return null;
  const at = people.findIndex((each) => each.number === number);
  const previous = at > 0 ? people[at - 1] : undefined;
  // Someone whom a link has opened may stand further down than what is read: the list begins after them.
  const next = people[at + 1];
  return (
    <ProfilePanel
      number={number}
      onClose={() => onOpen()}
      {...(previous && { onPrevious: () => onOpen(previous.number) })}
      {...(next && { onNext: () => onOpen(next.number) })}
    />
  );
}

import { Button } from "@mantine/core";
import { IconBolt, IconChevronRight, IconFileText, IconUserCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call, keyOf, type Schemas } from "@/api";
import { useMay, useWorkspace } from "@/app/workspace";
import { EmptyState, ErrorState, formatClock, formatDate, formatTime, RowsSkeleton } from "@/shared";
import { useEventName } from "./eventName";
import { LastSession } from "./LastSession";
import { ShownValue } from "./ShownValue";
import classes from "./Timeline.module.css";
import { isTime } from "./values";

type Event = Schemas["TimelineItem"];
const PAGE = 50;
const EVENTS = "/api/v1/workspaces/{slug}/people/{number}/events";
const ICONS: Record<string, typeof IconBolt> = { page: IconFileText, screen: IconFileText, identify: IconUserCheck };

/** What a person did, newest first, page by page as one scrolls. */
export function Timeline({ number }: { number: number }) {
  const { t } = useTranslation(["profile", "common"]);
  const { slug, timezone } = useWorkspace();
  const path = { slug, number };
  const mayKeys = useMay("keys:manage");
  const events = useInfiniteQuery({
    queryKey: keyOf(EVENTS, { path, query: { limit: PAGE } }),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return call("get", EVENTS, { params: { path, query }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = events;
  useEffect(() => {
    const sight = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting && hasNextPage && !isFetchingNextPage) void fetchNextPage();
    });
    if (end.current) sight.observe(end.current);
    return () => sight.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (events.isPending) return <RowsSkeleton rows={6} />;
  if (events.isError) return <ErrorState error={events.error} retry={() => void events.refetch()} />;
  const days = byDay(
    events.data.pages.flatMap((page) => page.items),
    timezone,
  );
  if (!days.length) {
    return (
      <EmptyState
        icon={<IconBolt size={22} />}
        title={t("timeline.empty")}
        text={t("timeline.emptyText")}
        action={
          mayKeys && (
            <Button
              variant="default"
              renderRoot={(props) => <Link to="/w/$slug/settings/keys" params={{ slug }} {...props} />}
            >
              {t("timeline.key")}
            </Button>
          )
        }
      />
    );
  }
  return (
    <div className={classes.timeline}>
      <LastSession number={number} />
      {days.map(([day, rows]) => (
        <Day key={day} rows={rows} />
      ))}
      <div ref={end} />
      {hasNextPage && (
        <Button variant="subtle" fullWidth loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("common:actions.more")}
        </Button>
      )}
    </div>
  );
}

/** Events by their day in a zone. One that came between two pages is on both: it is kept once. */
function byDay(events: Event[], zone: string): [string, Event[]][] {
  const found = new Map<string, Event[]>();
  for (const event of new Map(events.map((each) => [each.id, each])).values()) {
    const day = formatDate(event.at, zone);
    const rows = found.get(day);
    if (rows) rows.push(event);
    else found.set(day, [event]);
  }
  return [...found];
}

function Day({ rows }: { rows: Event[] }) {
  const { timezone } = useWorkspace();
  const [first] = rows;
  return (
    <section>
      <h3 className={classes.day}>{first && formatDate(first.at, timezone)}</h3>
      <ol className={classes.events}>
        {rows.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ol>
    </section>
  );
}

/** One event; its details open below it. */
function EventRow({ event }: { event: Event }) {
  const { t } = useTranslation("profile");
  const { timezone } = useWorkspace();
  const [open, setOpen] = useState(false);
  const id = useId();
  const nameOf = useEventName();
  const Icon = ICONS[event.kind] ?? IconBolt;
  const properties = Object.entries(event.properties);
  const short = properties.filter(([, value]) => typeof value !== "object").slice(0, 3);
  return (
    <li className={classes.event}>
      <button
        type="button"
        className={classes.head}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <span className={classes.icon} aria-hidden="true">
          <Icon size={14} />
        </span>
        <span className={classes.name}>{nameOf(event)}</span>
        <span className={`${classes.short} truncate`}>
          {short.map(([key, value]) => `${key} ${String(value)}`).join(" · ")}
        </span>
        <span className={classes.time}>
          <time dateTime={event.at} title={formatTime(event.at, timezone)} className="numbers">
            {formatClock(event.at, timezone)}
          </time>
        </span>
        <IconChevronRight size={14} className={classes.chevron} data-open={open || undefined} aria-hidden="true" />
      </button>
      {open && (
        <dl className={classes.details} id={id}>
          <Detail name={t("timeline.time")} value={formatTime(event.at, timezone)} />
          <Detail name={t("timeline.received")} value={formatTime(event.received_at, timezone)} />
          <Detail name={t("timeline.source")} value={event.source} />
          <Detail name={t("timeline.kind")} value={event.kind} />
          {properties.map(([key, value]) => (
            <Detail key={key} name={key} value={value} own />
          ))}
        </dl>
      )}
    </li>
  );
}

function Detail({ name, value, own }: { name: string; value: unknown; own?: boolean }) {
  return (
    <div className={classes.detail} data-own={own}>
      <dt>{name}</dt>
      <dd>
        {value !== null && typeof value === "object" ? (
          <pre className={classes.json}>{JSON.stringify(value, null, 2)}</pre>
        ) : (
          <ShownValue value={value ?? "—"} type={typeof value === "string" && isTime(value) ? "datetime" : null} />
        )}
      </dd>
    </div>
  );
}

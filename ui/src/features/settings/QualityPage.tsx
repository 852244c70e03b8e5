import { Badge, Button, SegmentedControl, Table } from "@mantine/core";
import { IconChevronRight, IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { call, keyOf, read, type Schemas, useWrite } from "@/api";
import { useFields, useMay, useWorkspace } from "@/app/workspace";
import { Count, ErrorState, More, notifyDone, PageHeader, RelativeTime, RowsSkeleton, reasonText } from "@/shared";
import { RejectedValues } from "./Rejected";
import classes from "./Settings.module.css";

const QUARANTINE = "/api/v1/workspaces/{slug}/tracking/quarantine";
const REPLAY = "/api/v1/workspaces/{slug}/tracking/quarantine/{event_id}/replay";
const PAGE = 25;

/** What came in and could not be used: values, events, message ids; and how to send it through again. */
export function QualityPage() {
  const { t } = useTranslation("settings");
  const mayEvents = useMay("events:read");
  return (
    <>
      <PageHeader title={t("parts.quality")} />
      <p className={classes.lead}>{t("quality.text")}</p>
      <Values />
      {mayEvents && <Quarantine />}
      {mayEvents && <Conflicts />}
    </>
  );
}

function Fine({ text }: { text: string }) {
  return (
    <p className={`${classes.block} ${classes.good}`}>
      <IconShieldCheck size={15} aria-hidden="true" style={{ verticalAlign: "-3px", marginInlineEnd: 6 }} />
      {text}
    </p>
  );
}

/** How many values were not taken, by field. */
function Values() {
  const { t } = useTranslation("settings");
  const { slug } = useWorkspace();
  const labels = new Map(useFields().map((field) => [field.name, field.label]));
  const [open, setOpen] = useState<string | null>(null);
  const rejected = useQuery(
    read("/api/v1/workspaces/{slug}/attributes/rejected", { params: { path: { slug }, query: { limit: 1 } } }),
  );
  return (
    <section>
      <h2 className={classes.heading}>{t("quality.values")}</h2>
      {rejected.isPending && <RowsSkeleton rows={2} />}
      {rejected.isError && <ErrorState error={rejected.error} retry={() => void rejected.refetch()} />}
      {rejected.data?.counts.length === 0 && <Fine text={t("quality.noValues")} />}
      {rejected.data && rejected.data.counts.length > 0 && (
        <Table aria-label={t("quality.values")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("quality.field")}</Table.Th>
              <Table.Th w={120}>{t("quality.people")}</Table.Th>
              <Table.Th w={140} aria-label={t("quality.show")} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rejected.data.counts.map(({ key, people }) => (
              <Table.Tr key={key}>
                <Table.Td>
                  {labels.get(key) ?? key} {labels.get(key) !== key && <span className={classes.code}>{key}</span>}
                </Table.Td>
                <Table.Td>
                  <Count value={people} />
                </Table.Td>
                <Table.Td>
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    aria-label={t("quality.showOf", { field: labels.get(key) ?? key })}
                    onClick={() => setOpen(key)}
                  >
                    {t("quality.show")}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {open !== null && <RejectedValues name={open} label={labels.get(open) ?? open} close={() => setOpen(null)} />}
    </section>
  );
}

/** Events that were set aside, with the reason of each. */
function Quarantine() {
  const { t } = useTranslation(["settings", "common"]);
  const { slug } = useWorkspace();
  const [state, setState] = useState<"open" | "replayed">("open");
  const path = { slug };
  const events = useInfiniteQuery({
    queryKey: keyOf(QUARANTINE, { path, query: { state, limit: PAGE } }),
    queryFn: ({ pageParam, signal }) => {
      const query = { state, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return call("get", QUARANTINE, { params: { path, query }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const rows = events.data?.pages.flatMap((page) => page.events) ?? [];
  const open = events.data?.pages[0]?.open ?? 0;
  return (
    <section>
      <h2 className={classes.heading}>
        {t("quality.events")}{" "}
        {open > 0 && (
          <Badge color="orange" variant="light" size="sm">
            {t("quality.waiting", { count: open })}
          </Badge>
        )}
      </h2>
      <div className={classes.filters}>
        <SegmentedControl
          size="xs"
          aria-label={t("quality.state")}
          value={state}
          onChange={(value) => setState(value === "replayed" ? "replayed" : "open")}
          data={[
            { value: "open", label: t("quality.open") },
            { value: "replayed", label: t("quality.replayed") },
          ]}
        />
      </div>
      {events.isPending && <RowsSkeleton rows={2} />}
      {events.isError && <ErrorState error={events.error} retry={() => void events.refetch()} />}
      {events.isSuccess && !rows.length && <Fine text={t("quality.noEvents")} />}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={620}>
          <Table aria-label={t("quality.events")} data-stack>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("quality.reason")}</Table.Th>
                <Table.Th w={150}>{t("quality.source")}</Table.Th>
                <Table.Th w={130}>{t("quality.received")}</Table.Th>
                <Table.Th w={120} aria-label={t("quality.replay")} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((event) => (
                <EventRows key={event.id} event={event} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <More query={events} edge />
    </section>
  );
}

/** One event and, opened, what was sent. */
function EventRows({ event }: { event: Schemas["QuarantinedEvent"] }) {
  const { t } = useTranslation("settings");
  const { slug, timezone } = useWorkspace();
  const mayReplay = useMay("events:write");
  const [open, setOpen] = useState(false);
  const replay = useWrite("post", REPLAY, {
    refresh: [QUARANTINE],
    onSuccess: () => notifyDone(t("quality.sent")),
  });
  return (
    <Fragment>
      <Table.Tr>
        <Table.Td data-cell="main">
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            styles={{ label: { whiteSpace: "normal", textAlign: "start" } }}
            h="auto"
            aria-expanded={open}
            leftSection={<IconChevronRight size={14} style={{ transform: open ? "rotate(90deg)" : "none" }} />}
            onClick={() => setOpen(!open)}
          >
            <span data-reason>{reasonText(event)}</span>
          </Button>
        </Table.Td>
        <Table.Td>{event.source}</Table.Td>
        <Table.Td>
          <RelativeTime at={event.received_at} zone={timezone} />
        </Table.Td>
        <Table.Td data-cell="end">
          {mayReplay && event.state === "open" && (
            <Button
              variant="default"
              size="compact-xs"
              loading={replay.isPending}
              onClick={() => replay.mutate({ params: { path: { slug, event_id: event.id } } })}
            >
              {t("quality.replay")}
            </Button>
          )}
        </Table.Td>
      </Table.Tr>
      {open && (
        <Table.Tr>
          <Table.Td colSpan={4} data-cell="wide">
            <p className={classes.code}>
              {event.code} · {event.message_id}
            </p>
            <pre className={classes.json}>
              {typeof event.event === "string" ? event.event : JSON.stringify(event.event, null, 2)}
            </pre>
          </Table.Td>
        </Table.Tr>
      )}
    </Fragment>
  );
}

/** Message ids that one source used for two different events. */
function Conflicts() {
  const { t } = useTranslation("settings");
  const { slug } = useWorkspace();
  const conflicts = useQuery(
    read("/api/v1/workspaces/{slug}/tracking/conflicts", { params: { path: { slug }, query: { limit: 50 } } }),
  );
  const rows = conflicts.data?.conflicts ?? [];
  return (
    <section>
      <h2 className={classes.heading}>{t("quality.ids")}</h2>
      {conflicts.isPending && <RowsSkeleton rows={2} />}
      {conflicts.isError && <ErrorState error={conflicts.error} retry={() => void conflicts.refetch()} />}
      {conflicts.isSuccess && !rows.length && <Fine text={t("quality.noIds")} />}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={620}>
          <Table aria-label={t("quality.ids")} data-stack>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={120}>{t("quality.day")}</Table.Th>
                <Table.Th w={150}>{t("quality.source")}</Table.Th>
                <Table.Th w={90}>{t("quality.count")}</Table.Th>
                <Table.Th>{t("quality.sample")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={`${row.day} ${row.source}`}>
                  <Table.Td className="numbers">{row.day}</Table.Td>
                  <Table.Td>{row.source}</Table.Td>
                  <Table.Td data-label={t("quality.count")}>
                    <Count value={row.count} />
                  </Table.Td>
                  <Table.Td data-cell="wide">
                    <details>
                      <summary className={classes.code}>{row.message_id}</summary>
                      <pre className={classes.json}>{row.sample}</pre>
                    </details>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </section>
  );
}

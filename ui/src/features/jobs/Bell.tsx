import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, useWrite } from "@/api";
import { useSession, useWorkspace } from "@/app/workspace";
import { announce, notifyDone, RelativeTime } from "@/shared";
import { JOBS, NOTIFICATIONS } from "./addresses";
import { isOpen, isWatched, openJobsQuery } from "./data";
import classes from "./Jobs.module.css";
import { useJobStream } from "./live";
import { endingOf } from "./words";

const SHOWN = 10;
const EVERY_MS = 60_000;
// What jobs of these kinds make stale when they end.
const STALE = [
  "/api/v1/workspaces/{slug}/imports",
  "/api/v1/workspaces/{slug}/imports/{import_id}",
  "/api/v1/workspaces/{slug}/fields",
  "/api/v1/workspaces/{slug}/segments",
] as const;

/** What one is told about the end of one's jobs: a bell with the number of unread ones, and a toast when one ends. */
export default function Bell() {
  const { t } = useTranslation("jobs");
  const { slug, timezone } = useWorkspace();
  const navigate = useNavigate();
  const path = { slug };
  const notices = useQuery({
    ...read(NOTIFICATIONS, { params: { path, query: { limit: SHOWN } } }),
    refetchInterval: EVERY_MS,
  });
  const unread = useQuery({
    ...read(NOTIFICATIONS, { params: { path, query: { unread: true, limit: 100 } } }),
    refetchInterval: EVERY_MS,
  });
  const mark = useWrite("post", `${NOTIFICATIONS}/read`, { refresh: [NOTIFICATIONS], meta: { quiet: true } });
  const [opened, setOpened] = useState(false);
  useEndings();
  const count = unread.data?.items.length ?? 0;
  const items = notices.data?.items ?? [];
  const label = count ? t("bell.unread", { count }) : t("bell.label");
  return (
    <Menu width={320} position="bottom-end" opened={opened} onChange={setOpened}>
      <Menu.Target>
        <Tooltip label={label} disabled={opened}>
          <ActionIcon className={classes.bell ?? ""} aria-label={label}>
            <IconBell size={17} stroke={1.7} />
            {count > 0 && (
              <span className={classes.unread} aria-hidden="true">
                {count > 99 ? "99+" : count}
              </span>
            )}
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {!items.length && <p className={classes.nothing}>{t("bell.empty")}</p>}
        {items.map(({ id, job, at, read_at, ...note }) => (
          <Menu.Item
            key={id}
            onClick={() => {
              if (read_at === null) mark.mutate({ params: { path }, body: { notifications: [id] } });
              void navigate({ to: "/w/$slug/jobs/$job", params: { slug, job } });
            }}
          >
            <span className={classes.note}>
              <span className={classes.dot} data-read={read_at !== null || undefined} />
              <span>
                {read_at === null && <span className="unseen">{t("bell.unread_mark")}: </span>}
                {endingOf(note, t)}{" "}
                <span className={classes.quiet}>
                  <RelativeTime at={at} zone={timezone} />
                </span>
              </span>
            </span>
          </Menu.Item>
        ))}
        <Menu.Divider />
        {count > 0 && (
          <Menu.Item closeMenuOnClick={false} onClick={() => mark.mutate({ params: { path }, body: {} })}>
            {t("bell.read")}
          </Menu.Item>
        )}
        <Menu.Item onClick={() => void navigate({ to: "/w/$slug/jobs", params: { slug } })}>{t("bell.all")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Follows the reader's own jobs while there are open ones, and says on any page when one has ended. */
function useEndings(): void {
  const { t } = useTranslation("jobs");
  const { slug } = useWorkspace();
  const { user } = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const open = useQuery({ ...openJobsQuery(slug), refetchInterval: EVERY_MS });
  const mine = (open.data?.items ?? []).filter(({ by }) => by === `user:${user.id}`);
  const told = useRef(new Set<string>());
  // Only what was seen to be open can end before one's eyes.
  const seen = useRef(new Set<string>());
  for (const job of mine) if (isOpen(job)) seen.current.add(job.id);
  useJobStream(
    mine.some((job) => isOpen(job)),
    (job) => {
      if (job === "missed") {
        void client.invalidateQueries({ queryKey: [JOBS] });
        void client.invalidateQueries({ queryKey: [NOTIFICATIONS] });
        return;
      }
      const ending = `${job.id} ${job.finished_at}`;
      if (isOpen(job) || !seen.current.has(job.id) || told.current.has(ending)) return;
      told.current.add(ending);
      void client.invalidateQueries({ queryKey: [NOTIFICATIONS] });
      for (const path of STALE) void client.invalidateQueries({ queryKey: [path] });
      const sentence = endingOf(job, t);
      if (isWatched(job.id)) return announce(sentence);
      const run = () => void navigate({ to: "/w/$slug/jobs/$job", params: { slug, job: job.id } });
      notifyDone(sentence, { action: { label: t("bell.open"), run } });
    },
  );
}

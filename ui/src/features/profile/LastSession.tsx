import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { useFields, useSlug, useWorkspace } from "@/app/workspace";
import { formatNumber, RelativeTime } from "@/shared";
import { useEventName } from "./eventName";
import { Provenance } from "./Provenance";
import { ShownValue } from "./ShownValue";
import classes from "./Timeline.module.css";

const MINUTE = 60_000;

/** What is asked for a person's sessions. */
export function sessionsOf(slug: string, number: number) {
  return read("/api/v1/workspaces/{slug}/people/{number}/last-session", { params: { path: { slug, number } } });
}

/** What the person did and what was written about them the last time they were there; nothing without events. */
export function LastSession({ number }: { number: number }) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const nameOf = useEventName();
  const { timezone } = useWorkspace();
  const fields = new Map(useFields().map((field) => [field.name, field]));
  const { data } = useQuery(sessionsOf(slug, number));
  const session = data?.session;
  if (!session) return null;
  const minutes = Math.round((Date.parse(session.ended_at) - Date.parse(session.started_at)) / MINUTE);
  const done = session.events.map((event) => {
    const name = nameOf(event);
    return event.count > 1 ? `${name} × ${formatNumber(event.count)}` : name;
  });
  return (
    <section className={classes.session}>
      <div className={classes.sessionHead}>
        <h3 className={classes.sessionTitle}>{t("session.title")}</h3>
        <span className={classes.quiet}>
          <RelativeTime at={session.started_at} zone={timezone} />
          {minutes > 0 && ` · ${t("session.minutes", { count: minutes })}`}
          {!session.complete && ` · ${t("session.cut")}`}
        </span>
      </div>
      <div>{done.join(" · ")}</div>
      {session.changes.length > 0 && (
        <ul className={classes.changes}>
          {session.changes.map(({ field, value, origin, ref, at }) => (
            <li key={`${field} ${at}`}>
              <span className={classes.quiet}>{fields.get(field)?.label ?? field}</span>
              <Provenance origin={{ kind: origin, ref, at }}>
                <span>
                  <ShownValue value={value} type={fields.get(field)?.type ?? null} />
                </span>
              </Provenance>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

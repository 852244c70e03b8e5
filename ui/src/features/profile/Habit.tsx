import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay, useWorkspace } from "@/app/workspace";
import { formatNumber, RelativeTime } from "@/shared";
import classes from "./Details.module.css";
import { sessionsOf } from "./LastSession";
import { Row } from "./Row";
import { Section } from "./Section";
import type { Person } from "./usePerson";
import { isTime } from "./values";

/** How often someone comes, when they were there last, and when they wrote last; says so where nothing is known. */
export function Habit({ person: { number, data } }: { person: Person }) {
  const { t } = useTranslation("profile");
  const { slug, timezone } = useWorkspace();
  const mayEvents = useMay("events:read");
  const seen = useQuery({ ...sessionsOf(slug, number), enabled: mayEvents });
  const { session, habit } = seen.data ?? {};
  const chat = typeof data.last_message_at === "string" && isTime(data.last_message_at) ? data.last_message_at : null;
  return (
    <Section title={t("habit.title")}>
      <dl className={classes.list}>
        {habit && (
          <Row name={t("habit.often")}>
            <span className={classes.value}>
              {t("habit.sessions", { count: habit.sessions, number: formatNumber(habit.sessions), days: habit.days })}
            </span>
          </Row>
        )}
        {habit && (
          <Row name={t("habit.session")}>
            <span className={classes.value}>
              {session ? <RelativeTime at={session.ended_at} zone={timezone} /> : t("habit.noSession")}
            </span>
          </Row>
        )}
        <Row name={t("habit.chat")}>
          <span className={classes.value}>{chat ? <RelativeTime at={chat} zone={timezone} /> : t("habit.noChat")}</span>
        </Row>
      </dl>
    </Section>
  );
}

import { Button, SegmentedControl, Textarea } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { SegmentPicker, useCause } from "@/features/segments";
import { formatTime, messageOf, RowsSkeleton } from "@/shared";
import { areStandings, isSeen, type Seen, type Standing } from "./decided";
import { useProvenance } from "./Provenance";
import { Section } from "./Section";
import classes from "./Segments.module.css";
import { isTime, textOf } from "./values";

const EXPLAIN = "/api/v1/workspaces/{slug}/people/{number}/explain";

/** Why, or why not, against any segment or sentence: each condition with its mark and the value that decided. */
export function Why({ number, asked }: { number: number; asked: { id: string } | undefined }) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const [against, setAgainst] = useState<"segment" | "sentence">("segment");
  const [segment, setSegment] = useState<string | null>(null);
  const [draft, setDraft] = useState("");
  const [where, setWhere] = useState("");
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!asked) return;
    setAgainst("segment");
    setSegment(asked.id);
    box.current?.scrollIntoView({ block: "nearest" });
  }, [asked]);
  const query = against === "segment" ? { segment: segment ?? "" } : { where };
  const answer = useQuery({
    ...read(EXPLAIN, { params: { path: { slug, number }, query } }),
    enabled: against === "segment" ? segment !== null : where !== "",
    placeholderData: keepPreviousData,
  });
  const isAsked = against === "segment" ? segment !== null : where !== "";
  return (
    <Section title={t("why.title")}>
      <div className={classes.ask} ref={box}>
        <SegmentedControl
          size="xs"
          aria-label={t("why.against")}
          value={against}
          onChange={(value) => setAgainst(value === "segment" ? "segment" : "sentence")}
          data={[
            { value: "segment", label: t("why.segment") },
            { value: "sentence", label: t("why.sentence") },
          ]}
        />
        {against === "segment" ? (
          <SegmentPicker
            size="xs"
            hideLabel
            label={t("why.segment")}
            value={segment === null ? [] : [segment]}
            onChange={([id]) => setSegment(id ?? null)}
          />
        ) : (
          <form
            className={classes.form}
            onSubmit={(event) => {
              event.preventDefault();
              setWhere(draft.trim());
            }}
          >
            <Textarea
              size="xs"
              autosize
              minRows={1}
              maxRows={6}
              aria-label={t("why.sentence")}
              placeholder={t("why.example")}
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || event.shiftKey) return;
                event.preventDefault();
                setWhere(draft.trim());
              }}
            />
            <Button type="submit" variant="default" disabled={!draft.trim()}>
              {t("why.ask")}
            </Button>
          </form>
        )}
      </div>
      <div aria-live="polite">
        {isAsked && answer.isError && <p className={classes.problem}>{messageOf(answer.error)}</p>}
        {isAsked && answer.isPending && <RowsSkeleton rows={2} />}
        {isAsked && answer.data && !answer.isError && <Answer explanation={answer.data} />}
      </div>
    </Section>
  );
}

function Answer({ explanation }: { explanation: Schemas["ExplanationOut"] }) {
  const { t } = useTranslation("profile");
  return (
    <>
      <p className={classes.verdict} data-matches={explanation.matches}>
        <Mark matches={explanation.matches} />
        {t(explanation.matches ? "why.yes" : "why.no")}
      </p>
      <ul className={classes.reasons}>
        {explanation.reasons.map((reason, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name, and the same one can stand twice
          <Reason key={place} reason={reason} />
        ))}
      </ul>
    </>
  );
}

function Reason({ reason }: { reason: Schemas["ReasonOut"] }) {
  const { t } = useTranslation("profile");
  const { timezone } = useWorkspace();
  const word = useProvenance();
  const words = { yes: t("value.yes"), no: t("value.no") };
  const causeOf = useCause();
  const [kind, ref, at] = reason.origin ?? [];
  return (
    <li className={classes.reason}>
      <Mark matches={reason.matches} />
      <div>
        <code className={classes.condition}>{reason.condition}</code>
        {decided(reason.value).map((line) => (
          <div key={line} className={classes.quiet}>
            {line}
            {typeof kind === "string" && ` · ${word({ kind, ref: String(ref ?? ""), at: Number(at ?? 0) })}`}
          </div>
        ))}
      </div>
    </li>
  );

  /** What decided, in lines: a value, the events that count with their times, or since when in or out of segments. */
  function decided(value: unknown): string[] {
    if (isSeen(value)) return seen(value);
    if (areStandings(value)) return value.segments.map(standing);
    if (value === null || value === undefined || (Array.isArray(value) && !value.length)) return [t("why.noValue")];
    return [t("why.value", { value: one(value) })];
  }

  function seen({ events, first, last, event, value, ever, ever_last }: Seen): string[] {
    const moments = [
      value !== undefined &&
        value !== event?.at &&
        t("why.value", { value: value === null ? t("why.noValue") : one(value) }),
      t("why.events", { count: events }),
      first && first !== last && t("why.first", { at: one(first) }),
      last && t("why.last", { at: one(last) }),
      event && event.at !== last && event.at !== first && t("why.decided", { at: one(event.at) }),
    ];
    const lines = [moments.filter(Boolean).join(" · ")];
    // Those outside of the condition's time, or with other properties, say why it is no more.
    if (ever) lines.push(t("why.ever", { count: ever, at: one(ever_last) }));
    return lines;
  }

  function standing({ name, inside, since, cause, ref }: Standing): string {
    const where = t(inside ? "why.inside" : "why.outside", { name });
    if (!since) return where;
    return [`${where} ${t("why.since", { at: formatTime(since, timezone) })}`, causeOf(cause, ref)].join(" · ");
  }

  function one(value: unknown): string {
    if (typeof value === "string" && isTime(value)) return formatTime(value, timezone);
    return textOf(value, null, timezone, words);
  }
}

function Mark({ matches }: { matches: boolean }) {
  const { t } = useTranslation("profile");
  const Icon = matches ? IconCheck : IconX;
  return (
    <span className={classes.mark} data-matches={matches} role="img" aria-label={t(matches ? "why.met" : "why.unmet")}>
      <Icon size={13} stroke={2.4} />
    </span>
  );
}

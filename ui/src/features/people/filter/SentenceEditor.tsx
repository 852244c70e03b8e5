import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiError, call, type Schemas } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { formatNumber, messageOf } from "@/shared";
import { quoted } from "@/shared/sentences";
import { dayAt } from "@/shared/zones";
import { complete, type Known, type Option, offsetOf, taken, type Wanted } from "./completion";
import classes from "./Filter.module.css";
import { type Proposed, useEventValues, useFacets } from "./facets";
import type { Vocabulary } from "./known";

const COUNT = "/api/v1/workspaces/{slug}/people/count";
const PAUSE_MS = 120;
const MOST = 60;

interface SentenceProps {
  sentence: string;
  vocabulary: Vocabulary;
  /** The sentence is right: it is the filter now. */
  onSentence: (sentence: string) => void;
  onDone: () => void;
}

/** The filter as a sentence: typed with proposals, checked while it is typed, applied with Enter. */
export function SentenceEditor({ sentence, vocabulary, onSentence, onDone }: SentenceProps) {
  const { t } = useTranslation("people");
  const [text, setText] = useState(sentence);
  const [caret, setCaret] = useState(sentence.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [took, setTook] = useState<{ caret: number } | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  useEffect(() => {
    // The browser puts it before the first letter; one goes on writing at the end.
    const end = area.current?.value.length ?? 0;
    area.current?.setSelectionRange(end, end);
  }, []);
  const options = useOptions(text, caret, vocabulary);
  const check = useCheck(text);
  const shown = open ? options : [];
  // Where a word has been begun the best proposal is at hand; otherwise one has to be chosen, so that Enter applies.
  const begun = shown[0] !== undefined && shown[0].from < shown[0].to;
  const current = Math.min(shown.length - 1, active < 0 && begun ? 0 : active);
  // Before the next key, which would else be typed at the end and the caret then put before it.
  useLayoutEffect(() => {
    if (took) area.current?.setSelectionRange(took.caret, took.caret);
  }, [took]);
  useEffect(() => {
    if (current >= 0) document.getElementById(`${listId}-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [current, listId]);
  const take = (option: Option) => {
    const next = taken(text, option);
    setText(next.text);
    setCaret(next.caret);
    setActive(-1);
    setTook(next);
  };
  const apply = () => {
    if (check.error) return;
    // As the server writes it, so that the address is the same for the same filter.
    onSentence(check.asked === text.trim() ? (check.sentence ?? check.asked) : text.trim());
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const option = shown[current];
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && shown.length) {
      event.preventDefault();
      setActive((current + (event.key === "ArrowDown" ? 1 : current < 0 ? 0 : -1) + shown.length) % shown.length);
    } else if (
      (event.key === "Tab" || event.key === "Enter") &&
      option &&
      !event.shiftKey &&
      !event.ctrlKey &&
      !event.metaKey
    ) {
      event.preventDefault();
      take(option);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      apply();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (shown.length) setOpen(false);
      else onDone();
    }
  };
  return (
    <div className={classes.sentenceEditor}>
      <div className={classes.sentenceField}>
        <textarea
          ref={area}
          className={classes.textarea}
          // biome-ignore lint/a11y/noAutofocus: it opens because the reader asked for it
          autoFocus
          rows={Math.min(6, Math.max(2, Math.ceil(text.length / 90)))}
          spellCheck={false}
          aria-label={t("sentence.label")}
          aria-haspopup="listbox"
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={current >= 0 ? `${listId}-${current}` : undefined}
          aria-invalid={check.error !== null}
          aria-describedby={`${listId}-state`}
          placeholder={t("sentence.placeholder")}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart);
            setActive(-1);
            setOpen(true);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onBlur={() => setOpen(false)}
        />
        <div
          id={listId}
          role="listbox"
          aria-label={t("sentence.proposals")}
          className={classes.proposals}
          hidden={!shown.length}
        >
          {shown.map((option, at) => (
            // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the text, which names the active option
            <div
              role="option"
              id={`${listId}-${at}`}
              key={`${option.kind} ${option.from} ${option.insert}`}
              aria-selected={at === current}
              className={classes.proposal}
              onMouseDown={(event) => {
                event.preventDefault();
                take(option);
              }}
            >
              <span className="truncate">{option.label}</span>
              <span className={classes.optionNote}>{option.note ?? t(`sentence.kind.${option.kind}`)}</span>
            </div>
          ))}
        </div>
      </div>
      <div className={classes.sentenceFoot}>
        <div id={`${listId}-state`} role="status" className={classes.sentenceState}>
          {check.error ? (
            <Problem text={check.asked} error={check.error} />
          ) : (
            check.total !== undefined && t("sentence.total", { count: check.total, number: formatNumber(check.total) })
          )}
        </div>
        <Button variant="subtle" color="gray" size="compact-xs" onClick={onDone}>
          {t("sentence.cancel")}
        </Button>
        <Button size="compact-xs" onClick={apply} disabled={check.error !== null}>
          {t("sentence.apply")}
        </Button>
      </div>
    </div>
  );
}

function useOptions(text: string, caret: number, vocabulary: Vocabulary): Option[] {
  const { fields, operators, segments, events, properties } = vocabulary;
  const { timezone } = useWorkspace();
  const known = useMemo<Known>(
    () => ({
      fields,
      operators,
      segments: segments.map(({ name }) => name),
      events,
      properties,
      today: dayAt(Date.now(), timezone),
    }),
    [fields, operators, segments, events, properties, timezone],
  );
  const { options, wanted } = useMemo(() => complete(text, caret, known), [text, caret, known]);
  const ofField = useFacets(wanted?.field?.name, wanted?.search ?? "");
  const ofEvents = useEventValues(wanted?.of, wanted?.search ?? "");
  const values = wanted ? [...ofField, ...ofEvents].flatMap((each) => valueOption(each, wanted)) : [];
  return [...values, ...options].slice(0, MOST);
}

function valueOption({ value, count }: Proposed, { isNumber, from, to }: Wanted): Option[] {
  if (isNumber && Number.isNaN(Number(value))) return [];
  const insert = isNumber ? value : quoted(value);
  return [{ label: value, insert, from, to, kind: "value", note: formatNumber(count) }];
}

interface Check {
  asked: string;
  /** As the server writes it; undefined while it is not known. */
  sentence: string | undefined;
  total: number | undefined;
  error: ApiError | null;
}

function useCheck(text: string): Check {
  const slug = useSlug();
  const [asked] = useDebouncedValue(text.trim(), PAUSE_MS);
  const body = asked ? { where: asked } : {};
  const { data, error } = useQuery<Schemas["CountOut"], ApiError>({
    queryKey: [COUNT, { slug }, body],
    queryFn: ({ signal }) => call("post", COUNT, { params: { path: { slug } }, body, signal }),
    retry: false,
  });
  return { asked, sentence: asked && data?.sentence, total: data?.total, error };
}

/** What is wrong, where it stands, and what could stand there; names that are near are shown by the server. */
function Problem({ text, error }: { text: string; error: ApiError }) {
  const [first] = (error.details.problems ?? []) as { line?: number; column?: number }[];
  if (!first?.line || !first.column) return <span className={classes.sentenceProblem}>{messageOf(error)}</span>;
  const at = offsetOf(text, first.line, first.column);
  const length = Math.max(1, /^("[^"]*"?|[^\s()]+)?/.exec(text.slice(at))?.[0].length ?? 1);
  return (
    <span className={classes.marked}>
      <span aria-hidden="true" className={classes.excerpt}>
        {at > 30 && "…"}
        {text.slice(Math.max(0, at - 30), at)}
        <mark>{text.slice(at, at + length) || "▁"}</mark>
        {text.slice(at + length, at + length + 20)}
      </span>
      <span>{messageOf(error)}</span>
    </span>
  );
}

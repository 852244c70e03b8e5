import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, call, type Schemas } from "@/api";
import { useSlug } from "@/app/workspace";
import type { Condition, Numbered } from "./conditions";
import { EVERYONE, fromServer, inOrder } from "./numbered";

const COUNT = "/api/v1/workspaces/{slug}/people/count";
// The first edit is asked about at once, what follows while one types when it pauses.
const PAUSE_MS = 30;
export type Counts = Schemas["ConditionCountOut"];
type Body = Schemas["FilterBody"];

export interface Filter {
  filter: Numbered;
  total: number | undefined;
  /** By condition of the bar; the last known ones while new ones are fetched. */
  counts: readonly (Counts | undefined)[];
  /** The whole filter as it is typed; empty for everyone. */
  sentence: string;
  error: ApiError | null;
  loading: boolean;
  edit: (filter: Numbered) => void;
}

function bodyOf(where: string, edit: Numbered | null): Body {
  if (!edit) return where ? { where } : {};
  if (!edit.conditions.length) return {};
  return { conditions: edit.conditions as NonNullable<Body["conditions"]>, expression: edit.expression };
}

/**
 * The filter that the bar edits. The sentence in the address is the truth; an edit asks the server, and its answer
 * becomes the address. Numbers of the last answer stay until the next one is there.
 */
export function useFilter(where: string, onSentence: (sentence: string) => void): Filter {
  const slug = useSlug();
  const [edit, setEdit] = useState<Numbered | null>(null);
  const [asked, setAsked] = useState<Numbered | null>(null);
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(pause.current);
      pause.current = undefined;
    },
    [],
  );
  const change = useCallback((next: Numbered) => {
    setEdit(next);
    if (pause.current === undefined) setAsked(next);
    clearTimeout(pause.current);
    pause.current = setTimeout(() => {
      pause.current = undefined;
      setAsked(next);
    }, PAUSE_MS);
  }, []);
  const [seen, setSeen] = useState(where);
  // Sentences on their way into the address; one that was not sent comes from a view, the back button, a link.
  const sent = useRef<string[]>([]);
  if (where !== seen) {
    setSeen(where);
    if (!sent.current.includes(where)) setEdit(null);
  }
  const body = bodyOf(where, edit && asked);
  const query = useQuery<Schemas["CountOut"], ApiError>({
    queryKey: [COUNT, { slug }, body],
    queryFn: ({ signal }) => call("post", COUNT, { params: { path: { slug } }, body, signal }),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  const { data, isPlaceholderData } = query;
  const last = useRef<Schemas["CountOut"] | undefined>(undefined);
  if (data) last.current = data;
  const good = data ?? last.current;
  const answered = data && !isPlaceholderData && asked === edit ? data : undefined;

  useEffect(() => {
    if (sent.current.at(-1) === where) sent.current = [];
  }, [where]);
  useEffect(() => {
    if (!edit || !answered) return;
    const sentence = sentenceOf(answered);
    if (sentence === (sent.current.at(-1) ?? where)) return;
    sent.current.push(sentence);
    onSentence(sentence);
  }, [answered, edit, where, onSentence]);

  const filter = edit ?? (good ? fromServer(good.numbered as Numbered) : EVERYONE);
  return {
    filter,
    total: good?.total,
    counts: good ? inOrder(filter, good.numbered.conditions as readonly Condition[], good.conditions) : [],
    sentence: edit && answered ? sentenceOf(answered) : where,
    error: query.isError ? query.error : null,
    loading: query.isFetching && isPlaceholderData,
    edit: change,
  };
}

/** Everyone has no filter in the address. */
function sentenceOf({ numbered, sentence }: Schemas["CountOut"]): string {
  return fromServer(numbered as Numbered) === EVERYONE ? "" : sentence;
}

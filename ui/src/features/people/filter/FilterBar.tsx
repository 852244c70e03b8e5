import { type Announcements, DndContext, type DragEndEvent, PointerSensor, useSensor, useSensors } from "@dnd-kit/core";
import { Button, Loader, VisuallyHidden } from "@mantine/core";
import { IconBookmarkPlus, IconFilter, IconPlus, IconTerminal2 } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiError } from "@/api";
import { useMay } from "@/app/workspace";
import { CreateDialog } from "@/features/segments";
import { announce, CopyButton, formatNumber, messageOf, type Reason, reasonText } from "@/shared";
import { Chip, type ChipActions } from "./Chip";
import { type Condition, isComplete, startOn } from "./conditions";
import { FieldPicker } from "./FieldPicker";
import classes from "./Filter.module.css";
import { useVocabulary } from "./known";
import { MatchSwitch } from "./MatchSwitch";
import { added, EVERYONE, grouped, removed, replaced } from "./numbered";
import { SentenceEditor } from "./SentenceEditor";
import type { Filter } from "./useFilter";

// The number's own place is the handle; who can't drag writes the expression.
const SILENT: Announcements = {
  onDragStart: () => undefined,
  onDragOver: () => undefined,
  onDragEnd: () => undefined,
  onDragCancel: () => undefined,
};

// The same object for good: with another one every chip is drawn anew.
const DRAG = { activationConstraint: { distance: 6 } };

interface BarProps {
  filter: Filter;
  onSentence: (sentence: string) => void;
  /** In a form: what is filtered is no page of its own, to be shared or made a segment. */
  inForm?: boolean;
}

/** A filter: chips, how they go together, and the same as a sentence. */
export function FilterBar({ filter, onSentence, inForm = false }: BarProps) {
  const { t } = useTranslation("people");
  const vocabulary = useVocabulary();
  const [opened, setOpened] = useState<number | null>(null);
  const [pending, setPending] = useState<Condition | null>(null);
  const [writing, setWriting] = useState(false);
  const [creating, setCreating] = useState(false);
  const maySave = useMay("segments:write");
  const sensors = useSensors(useSensor(PointerSensor, DRAG));
  useTotalAnnounced(filter.total);
  useEffect(() => {
    // The first chip that is opened should not have to wait for its editor.
    const timer = setTimeout(() => void import("./ConditionEditor"), 800);
    return () => clearTimeout(timer);
  }, []);
  const { actions, latest } = useActions();
  const isEmpty = !pending && !filter.filter.conditions.length;
  // It can't be read, so there are no chips: what is wrong can be mended in the sentence.
  const isUnread = isEmpty && filter.sentence !== "" && filter.error?.status === 400;
  useEffect(() => {
    if (isUnread) setWriting(true);
  }, [isUnread]);
  // The same elements while values are edited.
  const picker = useMemo(
    () =>
      vocabulary && (
        <FieldPicker vocabulary={vocabulary} onPick={(target) => actions.add(startOn(target, vocabulary.operators))}>
          {(toggle) => (
            <Button
              variant={isEmpty ? "default" : "subtle"}
              color="gray"
              size="compact-sm"
              className={classes.add ?? ""}
              leftSection={isEmpty ? <IconFilter size={14} /> : <IconPlus size={14} />}
              onClick={toggle}
            >
              {t(isEmpty ? "filter.first" : "filter.add")}
            </Button>
          )}
        </FieldPicker>
      ),
    [vocabulary, actions, isEmpty, t],
  );
  const tools = useMemo(
    () => (
      <>
        {!isEmpty && (
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => actions.clear()}>
            {t("filter.clear")}
          </Button>
        )}
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconTerminal2 size={15} />}
          onClick={() => setWriting(true)}
        >
          {t("filter.sentence")}
        </Button>
      </>
    ),
    [actions, isEmpty, t],
  );
  if (!vocabulary) return <section className={classes.bar} data-in-form={inForm || undefined} data-empty />;
  const { conditions } = filter.filter;
  const chips = pending ? [...conditions, pending] : conditions;
  const problems = chips.map((_, at) => problemOf(filter, at));

  const add = (condition: Condition) => {
    setOpened(conditions.length);
    if (isComplete(condition, vocabulary.operators)) filter.edit(added(filter.filter, condition));
    else setPending(condition);
  };
  const change = (at: number, condition: Condition) => {
    if (!isComplete(condition, vocabulary.operators)) return;
    if (at < conditions.length) filter.edit(replaced(filter.filter, at, condition));
    else {
      setPending(null);
      filter.edit(added(filter.filter, condition));
    }
  };
  const open = (at: number, isOpen: boolean) => {
    setOpened(isOpen ? at : null);
    // Left before it was whole: it was never part of the filter.
    if (!isOpen && at === conditions.length) setPending(null);
  };
  const remove = (at: number) => {
    setOpened(null);
    setPending(null);
    if (at < conditions.length) filter.edit(removed(filter.filter, at));
  };
  const clear = () => {
    setPending(null);
    filter.edit(EVERYONE);
  };
  latest.current = { add, open, change, remove, clear };
  const group = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) filter.edit(grouped(filter.filter, Number(active.id) - 1, Number(over.id) - 1));
  };

  return (
    <section
      className={classes.bar}
      data-in-form={inForm || undefined}
      data-empty={(isEmpty && !writing) || undefined}
      aria-label={t("filter.label")}
    >
      {writing ? (
        <SentenceEditor
          sentence={filter.sentence}
          vocabulary={vocabulary}
          onSentence={onSentence}
          onDone={() => setWriting(false)}
        />
      ) : (
        <div className={classes.line}>
          <MatchSwitch filter={filter.filter} onChange={filter.edit} />
          <DndContext
            sensors={sensors}
            onDragEnd={group}
            accessibility={{ announcements: SILENT, screenReaderInstructions: { draggable: "" } }}
          >
            {chips.map((condition, at) => (
              <Chip
                // biome-ignore lint/suspicious/noArrayIndexKey: its number is what a condition is known by
                key={at}
                at={at}
                condition={condition}
                vocabulary={vocabulary}
                counts={at < conditions.length ? filter.counts[at] : undefined}
                pending={at >= conditions.length}
                problem={problems[at] ?? null}
                opened={opened === at}
                actions={actions}
              />
            ))}
          </DndContext>
          {picker}
          <div className={classes.tools}>
            {filter.loading && <Loader size={13} aria-label={t("filter.counting")} />}
            {tools}
          </div>
        </div>
      )}
      {filter.error && !writing && <Problem error={filter.error} isSeen={problems.some((each) => each !== null)} />}
      {!writing && filter.sentence && !filter.error && (
        <div className={classes.foot}>
          <code className={classes.sentence} title={filter.sentence}>
            {filter.sentence}
          </code>
          {!inForm && <CopyButton value={window.location.href} label={t("filter.share")} />}
          {maySave && !inForm && (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconBookmarkPlus size={15} />}
              onClick={() => setCreating(true)}
            >
              {t("create.open")}
            </Button>
          )}
        </div>
      )}
      {creating && (
        <CreateDialog
          title={t("create.title")}
          where={filter.sentence}
          note={
            filter.total !== undefined && t("filter.total", { count: filter.total, number: formatNumber(filter.total) })
          }
          onClose={() => setCreating(false)}
        />
      )}
    </section>
  );
}

interface BarActions extends ChipActions {
  add: (condition: Condition) => void;
  clear: () => void;
}

/** Functions that stay the same and do what was drawn last. */
function useActions() {
  const latest = useRef<BarActions | null>(null);
  const [actions] = useState<BarActions>({
    add: (...args) => latest.current?.add(...args),
    clear: () => latest.current?.clear(),
    open: (...args) => latest.current?.open(...args),
    change: (...args) => latest.current?.change(...args),
    remove: (...args) => latest.current?.remove(...args),
  });
  return { actions, latest };
}

/** What is wrong with the filter; only read out where a condition shows it (`isSeen`). */
function Problem({ error, isSeen }: { error: ApiError; isSeen: boolean }) {
  if (isSeen) return <VisuallyHidden role="alert">{messageOf(error)}</VisuallyHidden>;
  return (
    <p className={classes.problem} role="alert">
      {messageOf(error)}
    </p>
  );
}

/** What the server says about one condition: its place is the path of the problem. */
function problemOf({ error }: Filter, at: number): string | null {
  const problems = (error?.details.problems ?? []) as { path: string; reason: Reason }[];
  const found = problems.find(({ path }) => path.startsWith(`conditions[${at}]`));
  return found ? reasonText(found.reason) : null;
}

const QUIET_MS = 600;

/** The new total is read out when editing pauses. */
function useTotalAnnounced(total: number | undefined): void {
  const { t } = useTranslation("people");
  const [first, setFirst] = useState(true);
  useEffect(() => {
    if (total === undefined) return;
    if (first) {
      setFirst(false);
      return;
    }
    const timer = setTimeout(
      () => announce(t("filter.total", { count: total, number: formatNumber(total) })),
      QUIET_MS,
    );
    return () => clearTimeout(timer);
  }, [total, t, first]);
}

import { useDraggable, useDroppable } from "@dnd-kit/core";
import { ActionIcon, Popover, Skeleton, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { lazy, memo, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared";
import type { Condition } from "./conditions";
import classes from "./Filter.module.css";
import type { Vocabulary } from "./known";
import type { Counts } from "./useFilter";
import { describe } from "./words";

// Date pickers come with it: fetched when a chip is opened first.
const ConditionEditor = lazy(async () => ({ default: (await import("./ConditionEditor")).ConditionEditor }));

interface ChipProps {
  at: number;
  condition: Condition;
  vocabulary: Vocabulary;
  counts: Counts | undefined;
  /** Not whole yet: it is not part of the filter. */
  pending: boolean;
  problem: string | null;
  opened: boolean;
  /** The same for all chips and for good, so that an edit draws only what it changes. */
  actions: ChipActions;
}

export interface ChipActions {
  open: (at: number, opened: boolean) => void;
  change: (at: number, condition: Condition) => void;
  remove: (at: number) => void;
}

/** One numbered condition: what it says, how it divides everyone, and its editor. Drag its number to group it. */
export const Chip = memo(function Chip(props: ChipProps) {
  const { at, condition, vocabulary, counts, pending, problem, opened, actions } = props;
  const { t } = useTranslation("people");
  const number = at + 1;
  const { subject, operator, value } = describe(t, condition, vocabulary);
  const text = [subject, operator, value].filter(Boolean).join(" ");
  const drag = useDraggable({ id: number, disabled: pending });
  const drop = useDroppable({ id: number, disabled: pending });
  const moved = drag.transform ? `translate(${drag.transform.x}px, ${drag.transform.y}px)` : undefined;
  return (
    <Popover
      opened={opened}
      onChange={(isOpen) => actions.open(at, isOpen)}
      position="bottom-start"
      width={330}
      shadow="md"
      trapFocus
      returnFocus
      withRoles={false}
      transitionProps={{ duration: 80 }}
    >
      <Popover.Target>
        <div
          ref={drop.setNodeRef}
          className={classes.chip}
          data-pending={pending || undefined}
          data-problem={problem !== null || undefined}
          data-over={(drop.isOver && drop.active?.id !== number) || undefined}
          style={moved ? { transform: moved, zIndex: 3 } : undefined}
        >
          <span
            ref={drag.setNodeRef}
            {...drag.listeners}
            className={classes.number}
            title={pending ? undefined : t("chip.drag")}
          >
            {number}
          </span>
          <button
            type="button"
            className={classes.chipText}
            aria-haspopup="dialog"
            aria-expanded={opened}
            onClick={() => actions.open(at, !opened)}
          >
            {subject && <b>{subject}</b>} {operator} {value && <span className={classes.chipValue}>{value}</span>}
            {counts && !problem && <ChipCounts counts={counts} />}
            {problem && <span className={classes.chipProblem}>{problem}</span>}
          </button>
          <ActionIcon size="sm" aria-label={t("chip.remove", { text })} onClick={() => actions.remove(at)}>
            <IconX size={13} />
          </ActionIcon>
        </div>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={t("chip.edit", { number })}>
        <Suspense fallback={<Skeleton height={96} />}>
          <ConditionEditor
            condition={condition}
            vocabulary={vocabulary}
            onChange={(next) => actions.change(at, next)}
            onDone={() => actions.open(at, false)}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}, isSame);

/** Each answer has new objects for its counts, mostly with the same numbers. */
function isSame(one: ChipProps, two: ChipProps): boolean {
  const { counts: old, ...before } = one;
  const { counts, ...now } = two;
  return (
    (Object.keys(now) as (keyof typeof now)[]).every((key) => Object.is(now[key], before[key])) &&
    old?.match === counts?.match &&
    old?.no_match === counts?.no_match &&
    old?.no_value === counts?.no_value
  );
}

function ChipCounts({ counts }: { counts: Counts }) {
  const { t } = useTranslation("people");
  const { match, no_match, no_value } = counts;
  const [yes, no, none] = [formatNumber(match), formatNumber(no_match), formatNumber(no_value)];
  const label = t("chip.counts", { yes, no, none });
  return (
    <Tooltip label={label}>
      <span className={classes.counts} role="img" aria-label={label}>
        <span className={classes.yes}>{yes}</span>
        <span className={classes.no}>{no}</span>
        {no_value > 0 && <span className={classes.none}>{none}</span>}
      </span>
    </Tooltip>
  );
}

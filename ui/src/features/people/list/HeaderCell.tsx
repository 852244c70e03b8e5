import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import type { Header } from "@tanstack/react-table";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import classes from "./PeopleTable.module.css";
import type { Person } from "./usePeople";
import { NARROWEST, WIDEST } from "./view";

interface HeaderProps {
  header: Header<Person, unknown>;
  label: string;
  sortable: boolean;
  sort: string;
  /** The first column has no place to move to. */
  fixed?: boolean;
  onSort: () => void;
  onMove: (by: -1 | 1) => void;
  onWidth: (width: number) => void;
}

const STEP = 16;

/** The head of a column: click sorts, drag or Shift with an arrow moves, the edge or the arrows on it resize. */
export function HeaderCell({ header, label, sortable, sort, fixed = false, onSort, onMove, onWidth }: HeaderProps) {
  const { t } = useTranslation("people");
  const drag = useSortable({ id: header.column.id, disabled: fixed });
  const down = sort === `-${header.column.id}`;
  const sorted = down || sort === header.column.id;
  const Icon = down ? IconArrowDown : sorted ? IconArrowUp : IconArrowsSort;
  const onKeyDown = (event: KeyboardEvent) => {
    if (fixed || !event.shiftKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    onMove(event.key === "ArrowLeft" ? -1 : 1);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed by hand, which table elements do not allow
    // biome-ignore lint/a11y/useFocusableInteractive: the button inside takes the focus
    <div
      ref={drag.setNodeRef}
      role="columnheader"
      aria-sort={sorted ? (down ? "descending" : "ascending") : sortable ? "none" : undefined}
      className={classes.head}
      data-first={fixed || undefined}
      data-dragging={drag.isDragging || undefined}
      style={{ transform: CSS.Translate.toString(drag.transform), transition: drag.transition }}
    >
      <button
        type="button"
        className={classes.headButton}
        data-sorted={sorted || undefined}
        title={fixed ? undefined : t("head.moveHint")}
        aria-disabled={!sortable}
        onClick={() => sortable && onSort()}
        {...(!fixed && drag.listeners)}
        onKeyDown={onKeyDown}
      >
        <span className="truncate">{label}</span>
        {sortable && <Icon size={13} stroke={2} className={classes.sortIcon ?? ""} aria-hidden="true" />}
      </button>
      <ResizeHandle header={header} label={label} onWidth={onWidth} />
    </div>
  );
}

function ResizeHandle({ header, label, onWidth }: Pick<HeaderProps, "header" | "label" | "onWidth">) {
  const { t } = useTranslation("people");
  const width = header.getSize();
  const start = header.getResizeHandler();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule that can be moved is this role, and no element
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t("head.resize", { label })}
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      className={classes.resize}
      data-active={header.column.getIsResizing() || undefined}
      onMouseDown={start}
      onTouchStart={start}
      onPointerDown={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        const by = event.key === "ArrowLeft" ? -STEP : event.key === "ArrowRight" ? STEP : 0;
        if (!by) return;
        event.preventDefault();
        event.stopPropagation();
        onWidth(width + by);
      }}
    />
  );
}

import { closestCenter, DndContext, type DragEndEvent, PointerSensor, useSensor, useSensors } from "@dnd-kit/core";
import { horizontalListSortingStrategy, SortableContext } from "@dnd-kit/sortable";
import { Checkbox, Skeleton } from "@mantine/core";
import {
  type ColumnDef,
  type ColumnSizingState,
  functionalUpdate,
  getCoreRowModel,
  useReactTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { useFields, useWorkspace } from "@/app/workspace";
import { useDensity } from "@/shared";
import { useSortingWords } from "@/shared/sorting";
import { HeaderCell } from "./HeaderCell";
import classes from "./PeopleTable.module.css";
import { PersonRow } from "./PersonRow";
import { chosen, headState, isSelected, type Selection } from "./selection";
import type { Person } from "./usePeople";
import {
  type Column,
  FIRST,
  grown,
  movedColumn,
  NARROWEST,
  nextSort,
  sizedColumn,
  type View,
  WIDEST,
  within,
} from "./view";

interface TableProps {
  people: readonly Person[];
  total: number;
  view: View;
  onView: (view: View) => void;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  /** Whose profile lies open. */
  active: number | undefined;
  onOpen: (number: number) => void;
  hasMore: boolean;
  /** Reads the next page. */
  onMore: () => void;
  /** Old rows are shown while others are fetched. */
  stale: boolean;
}

const WIDTHS: Readonly<Record<string, number>> = { datetime: 140, date: 120, number: 110, boolean: 90, list: 220 };
const TEXT_WIDTH = 180;
/** Addresses are longer than most texts. */
const EMAIL_WIDTH = 250;
const FIRST_WIDTH = 250;
const FIRST_NARROWEST = 140;
const BOX_WIDTH = 42;
const OVERSCAN = 12;
/** Rows to come that are drawn as grey bars below the last one. */
const WAITING = 24;
const HEAD_HEIGHT = 36;

/** The list: only the rows in sight are drawn, however many there are; not anew with every key in the filter. */
export const PeopleTable = memo(function PeopleTable(props: TableProps) {
  const { people, total, view, onView, selection, onSelection, active, onOpen, hasMore, onMore, stale } = props;
  const { t } = useTranslation("people");
  const { slug, timezone } = useWorkspace();
  const { rowHeight } = useDensity();
  const scroller = useRef<HTMLElement>(null);
  const fields = useFields();
  const byName = useMemo(() => new Map(fields.map((field) => [field.name, field])), [fields]);
  const { table, columns } = useColumns(people, view, onView, byName, useWidth(scroller));
  const waiting = hasMore ? Math.min(WAITING, Math.max(1, total - people.length)) : 0;
  const rows = useVirtualizer({
    count: people.length + waiting,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another density measures anew
  useEffect(() => {
    rows.measure();
  }, [rowHeight]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its top
  useEffect(() => {
    // Not returned: in new browsers it is a promise.
    scroller.current?.scrollTo({ top: 0 });
  }, [view.where, view.sort]);

  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= people.length - OVERSCAN) onMore();
  }, [hasMore, last, people.length, onMore]);
  const activeAt = active === undefined ? -1 : people.findIndex(({ number }) => number === active);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the panel goes to another row
  useEffect(() => {
    if (activeAt >= 0) rows.scrollToIndex(activeAt, { align: "auto" });
  }, [activeAt]);

  const head = headState(
    selection,
    people.map(({ number }) => number),
  );
  const headers = table.getFlatHeaders();
  const template = `${BOX_WIDTH}px ${headers.map((each) => `${each.getSize()}px`).join(" ")} minmax(0, 1fr)`;
  const choose = useChoose(people, selection, onSelection);
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      style={{ "--columns": template, "--first": `${BOX_WIDTH}px` } as CSSProperties}
      data-stale={stale || undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be in reach of the keyboard
      tabIndex={0}
      aria-label={t("title")}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: rows are placed by hand, which table elements do not allow */}
      <div
        role="table"
        aria-label={t("title")}
        aria-rowcount={total + 1}
        aria-colcount={headers.length + 1}
        aria-busy={stale}
        className={classes.table}
        style={{ width: BOX_WIDTH + table.getTotalSize() }}
      >
        {/* biome-ignore lint/a11y: as above */}
        <div role="rowgroup" className={classes.headGroup}>
          {/* biome-ignore lint/a11y: as above */}
          <div role="row" aria-rowindex={1} className={classes.headRow}>
            {/* biome-ignore lint/a11y: as above */}
            <div role="columnheader" className={classes.box}>
              <Checkbox
                size="xs"
                aria-label={t("select.page")}
                checked={head === "all"}
                indeterminate={head === "some"}
                disabled={people.length === 0}
                onChange={() =>
                  onSelection(
                    chosen(
                      selection,
                      people.map(({ number }) => number),
                      head !== "all",
                    ),
                  )
                }
              />
            </div>
            <HeaderRow
              headers={headers}
              columns={columns}
              labelOf={(name) => byName.get(name)?.label ?? name}
              isSortable={(name) => byName.get(name)?.sortable ?? false}
              sort={view.sort}
              onSort={(name) => onView({ ...view, sort: nextSort(view.sort, name, byName.get(name)?.type ?? "text") })}
              onColumns={(next) => onView({ ...view, columns: next })}
              onFirstWidth={(width) => onView({ ...view, firstWidth: within(width) })}
            />
          </div>
        </div>
        {/* biome-ignore lint/a11y: as above */}
        <div role="rowgroup" className={classes.body} style={{ height: rows.getTotalSize() }} onKeyDown={onArrow}>
          {shown.map(({ index, start, size }) => {
            const person = people[index];
            const place = { transform: `translateY(${start}px)`, height: size };
            return person ? (
              <PersonRow
                key={person.number}
                person={person}
                index={index}
                columns={columns}
                fields={byName}
                slug={slug}
                zone={timezone}
                t={t}
                place={place}
                selected={isSelected(selection, person.number)}
                active={person.number === active}
                onChoose={choose}
                onOpen={onOpen}
              />
            ) : (
              <div key={`waiting ${index}`} className={classes.row} style={place} aria-hidden="true">
                <span className={classes.box} />
                <Skeleton height={10} width="60%" radius="xl" />
                {columns.map(({ field }) => (
                  <Skeleton key={field} height={10} width="50%" radius="xl" />
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
});

/** Selects a row, or with Shift all from the last one to it. The function stays the same, so that rows need not be drawn anew. */
function useChoose(people: readonly Person[], selection: Selection, onSelection: (selection: Selection) => void) {
  const anchor = useRef(0);
  const latest = useRef({ people, selection, onSelection });
  latest.current = { people, selection, onSelection };
  return useCallback((at: number, on: boolean, range: boolean) => {
    const { people, selection, onSelection } = latest.current;
    const [from, to] = range ? [Math.min(anchor.current, at), Math.max(anchor.current, at)] : [at, at];
    anchor.current = at;
    const numbers = people.slice(from, to + 1).map(({ number }) => number);
    onSelection(chosen(selection, numbers, on));
  }, []);
}

function leastOf(field: string, type: string): number {
  return field === "email" ? EMAIL_WIDTH : (WIDTHS[type] ?? TEXT_WIDTH);
}

/** How wide an element is now; 0 before it is there. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return;
    const sizes = new ResizeObserver(() => setWidth(box.clientWidth));
    sizes.observe(box);
    setWidth(box.clientWidth);
    return () => sizes.disconnect();
  }, [element]);
  return width;
}

/** TanStack's table keeps widths while they are dragged; the address gets them when the drag ends. */
function useColumns(
  people: readonly Person[],
  view: View,
  onView: (view: View) => void,
  fields: ReadonlyMap<string, { type: string }>,
  room: number,
) {
  const [sizing, setSizing] = useState<ColumnSizingState>({});
  const { columns, firstWidth = FIRST_WIDTH } = view;
  const defs = useMemo<ColumnDef<Person>[]>(() => {
    const sizes = grown(
      columns.map(({ field, width }) => ({ least: leastOf(field, fields.get(field)?.type ?? ""), width })),
      room - BOX_WIDTH - firstWidth,
    );
    return [
      { id: FIRST, size: firstWidth, minSize: FIRST_NARROWEST, maxSize: WIDEST },
      ...columns.map(({ field }, at) => ({ id: field, size: sizes[at] ?? 0, minSize: NARROWEST, maxSize: WIDEST })),
    ];
  }, [columns, firstWidth, fields, room]);
  const data = people as Person[];
  const table = useReactTable({
    data,
    columns: defs,
    getCoreRowModel: getCoreRowModel(),
    getRowId: ({ number }) => String(number),
    columnResizeMode: "onChange",
    state: { columnSizing: sizing },
    onColumnSizingChange: (updater) => setSizing((old) => functionalUpdate(updater, old)),
  });
  const resizing = table.getState().columnSizingInfo.isResizingColumn;
  useEffect(() => {
    if (resizing) return;
    const first = sizing[FIRST];
    if (first !== undefined && view.firstWidth !== within(first)) onView({ ...view, firstWidth: within(first) });
    for (const column of view.columns) {
      const width = sizing[column.field];
      if (width === undefined || column.width === within(width)) continue;
      onView({ ...view, columns: sizedColumn(view.columns, column.field, width) });
    }
  }, [resizing, sizing, view, onView]);
  // The address has the widths now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the columns are others
  useEffect(() => {
    setSizing({});
  }, [columns, firstWidth]);
  return { table, columns };
}

interface HeaderRowProps {
  headers: ReturnType<ReturnType<typeof useColumns>["table"]["getFlatHeaders"]>;
  columns: readonly Column[];
  labelOf: (name: string) => string;
  isSortable: (name: string) => boolean;
  sort: string;
  onSort: (name: string) => void;
  onColumns: (columns: readonly Column[]) => void;
  onFirstWidth: (width: number) => void;
}

function HeaderRow({ headers, columns, labelOf, isSortable, sort, onSort, onColumns, onFirstWidth }: HeaderRowProps) {
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 6 } }));
  const place = (id: unknown) => columns.findIndex(({ field }) => field === id);
  const spoken = useSortingWords(
    (id) => labelOf(String(id)),
    (id) => place(id) + 1,
  );
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) onColumns(movedColumn(columns, place(active.id), place(over.id)));
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={onDragEnd}
      // What it says to readers of the screen has no place in a row.
      accessibility={{ ...spoken, container: document.body }}
    >
      <SortableContext items={columns.map(({ field }) => field)} strategy={horizontalListSortingStrategy}>
        {headers.map((header) => {
          const { id } = header;
          return (
            <HeaderCell
              key={id}
              header={header}
              label={labelOf(id)}
              sortable={isSortable(id)}
              sort={sort}
              fixed={id === FIRST}
              onSort={() => onSort(id)}
              onMove={(by) => onColumns(movedColumn(columns, place(id), place(id) + by))}
              onWidth={(width) => (id === FIRST ? onFirstWidth(width) : onColumns(sizedColumn(columns, id, width)))}
            />
          );
        })}
      </SortableContext>
    </DndContext>
  );
}

/** Up and down go from row to row. */
function onArrow(event: KeyboardEvent<HTMLDivElement>): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const row = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
  if (!by || !row) return;
  const next = event.currentTarget.querySelector<HTMLElement>(`[data-index="${Number(row.dataset.index) + by}"] a`);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

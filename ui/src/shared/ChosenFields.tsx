import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ActionIcon, TextInput } from "@mantine/core";
import { IconGripVertical, IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ChosenFields.module.css";
import { useSortingWords } from "./sorting";

interface Named {
  name: string;
  label: string;
}

interface ChosenFieldsProps {
  /** All that can be chosen. */
  fields: readonly Named[];
  /** Names of the chosen ones, in their order. */
  chosen: readonly string[];
  /** Names that are not offered. */
  without?: readonly string[];
  /** One moves from a place to another. */
  onMove: (from: number, to: number) => void;
  /** One comes, as the last, or goes. */
  onToggle: (name: string) => void;
}

/** Which fields there are, and in which order: dragged, or moved with Space and the arrows. */
export function ChosenFields({ fields, chosen, without = [], onMove, onToggle }: ChosenFieldsProps) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const labels = new Map(fields.map(({ name, label }) => [name, label]));
  const gone = new Set([...without, ...chosen]);
  const others = fields.filter(({ name, label }) => !gone.has(name) && has(label, name, search));
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const placeOf = (id: string | number) => chosen.indexOf(String(id)) + 1;
  const spoken = useSortingWords((id) => labels.get(String(id)) ?? String(id), placeOf);
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) onMove(chosen.indexOf(String(active.id)), chosen.indexOf(String(over.id)));
  };
  return (
    <>
      <div className={classes.head}>{t("columns.shown")}</div>
      <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={onDragEnd} accessibility={spoken}>
        <SortableContext items={[...chosen]} strategy={verticalListSortingStrategy}>
          <ul className={classes.fields}>
            {chosen.map((name) => (
              <Chosen key={name} name={name} label={labels.get(name) ?? name} onHide={() => onToggle(name)} />
            ))}
          </ul>
        </SortableContext>
      </DndContext>
      <div className={classes.head}>{t("columns.more")}</div>
      <TextInput
        size="xs"
        data-autofocus
        aria-label={t("columns.search")}
        placeholder={t("columns.search")}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ul className={classes.fields}>
        {others.map(({ name, label }) => (
          <li key={name} className={classes.field}>
            <button
              type="button"
              className={classes.add}
              onClick={() => onToggle(name)}
              aria-label={t("columns.show", { label })}
            >
              <IconPlus size={14} aria-hidden="true" />
              <span className="truncate">{label}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Chosen({ name, label, onHide }: { name: string; label: string; onHide: () => void }) {
  const { t } = useTranslation();
  const sortable = useSortable({ id: name });
  return (
    <li
      ref={sortable.setNodeRef}
      className={classes.field}
      data-dragging={sortable.isDragging || undefined}
      style={{ transform: CSS.Translate.toString(sortable.transform), transition: sortable.transition }}
    >
      <ActionIcon
        size="sm"
        ref={sortable.setActivatorNodeRef}
        aria-label={t("columns.move", { label })}
        aria-describedby={sortable.attributes["aria-describedby"]}
        className={classes.grip ?? ""}
        {...sortable.listeners}
      >
        <IconGripVertical size={14} />
      </ActionIcon>
      <span className="truncate">{label}</span>
      <ActionIcon size="sm" ml="auto" aria-label={t("columns.hide", { label })} onClick={onHide}>
        <IconX size={13} />
      </ActionIcon>
    </li>
  );
}

function has(label: string, name: string, part: string): boolean {
  const wanted = part.trim().toLowerCase();
  return label.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted);
}

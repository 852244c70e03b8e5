import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { Button, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { keyOf, read, type Schemas, useWrite } from "@/api";
import { inWords, useMay, useSlug } from "@/app/workspace";
import { EmptyState, ErrorState, notifyDone, PageHeader, RowsSkeleton } from "@/shared";
import { useSortingWords } from "@/shared/sorting";
import { RejectedValues } from "../Rejected";
import settings from "../Settings.module.css";
import { CreateField } from "./CreateField";
import { EditField } from "./EditField";
import { FieldRow } from "./FieldRow";
import classes from "./Fields.module.css";
import { isMeant, moved } from "./order";

type Field = Schemas["FieldOut"];
const FIELDS = "/api/v1/workspaces/{slug}/fields";
const ORDER = "/api/v1/workspaces/{slug}/fields/order";

/** All fields in the order in which profiles and lists show them; moved by drag and by keyboard. */
export function FieldsPage() {
  const { t } = useTranslation("settings");
  const slug = useSlug();
  const mayWrite = useMay("attributes:write");
  const [search, setSearch] = useState("");
  const [creating, setCreating] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const [rejectedOf, setRejectedOf] = useState<string | null>(null);
  const params = { params: { path: { slug } } };
  const fields = useQuery(read(FIELDS, params));
  const attributes = useQuery(read("/api/v1/workspaces/{slug}/attributes", params));
  const rejected = useQuery(
    read("/api/v1/workspaces/{slug}/attributes/rejected", { params: { path: { slug }, query: { limit: 1 } } }),
  );
  const { t: common } = useTranslation();
  const stored = fields.data ?? [];
  const all = stored.map((field) => inWords(field, common));
  const edited = all.find((field) => field.name === editing);
  const open = all.find((field) => field.name === rejectedOf);
  return (
    <>
      <PageHeader
        title={t("parts.fields")}
        count={fields.data?.length}
        actions={
          mayWrite && (
            <Button leftSection={<IconPlus size={15} />} onClick={() => setCreating(true)}>
              {t("fields.add")}
            </Button>
          )
        }
      />
      <p className={settings.lead}>{t(mayWrite ? "fields.text" : "fields.textRead")}</p>
      <div className={settings.filters}>
        <TextInput
          size="xs"
          w={260}
          aria-label={t("fields.search")}
          placeholder={t("fields.search")}
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {fields.isPending && <RowsSkeleton />}
      {fields.isError && <ErrorState error={fields.error} retry={() => void fields.refetch()} />}
      {fields.data && (
        <Rows
          fields={all}
          stored={stored}
          search={search}
          attributes={attributes.data ?? []}
          rejected={rejected.data?.counts ?? []}
          onEdit={setEditing}
          onRejected={setRejectedOf}
          onClear={() => setSearch("")}
        />
      )}
      {creating && <CreateField close={() => setCreating(false)} />}
      {edited && (
        <EditField
          field={edited}
          attribute={attributes.data?.find(({ id }) => id === edited.attribute)}
          close={() => setEditing(null)}
        />
      )}
      {rejectedOf !== null && (
        <RejectedValues name={rejectedOf} label={open?.label ?? rejectedOf} close={() => setRejectedOf(null)} />
      )}
    </>
  );
}

interface RowsProps {
  fields: readonly Field[];
  /** The same as the server has them. */
  stored: readonly Field[];
  search: string;
  attributes: readonly Schemas["AttributeOut"][];
  rejected: readonly Schemas["RejectedCountOut"][];
  onEdit: (name: string) => void;
  onRejected: (name: string) => void;
  onClear: () => void;
}

function Rows({ fields, stored, search, attributes, rejected, onEdit, onRejected, onClear }: RowsProps) {
  const { t } = useTranslation("settings");
  const mayWrite = useMay("attributes:write");
  const place = usePlacing(stored);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const shown = fields.filter((field) => isMeant(field, search));
  const placeOf = (id: string | number) => fields.findIndex(({ name }) => name === id) + 1;
  const spoken = useSortingWords((id) => fields.find(({ name }) => name === id)?.label ?? "", placeOf);
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over) place.move(placeOf(active.id) - 1, placeOf(over.id) - 1);
  };
  if (!shown.length) {
    return (
      <EmptyState
        icon={<IconSearch size={22} />}
        title={t("fields.none")}
        action={
          <Button variant="default" onClick={onClear}>
            {t("fields.clear")}
          </Button>
        }
      />
    );
  }
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={onDragEnd} accessibility={spoken}>
      <SortableContext items={shown.map(({ name }) => name)} strategy={verticalListSortingStrategy}>
        <ul className={classes.list} aria-label={t("parts.fields")}>
          {shown.map((field) => (
            <FieldRow
              key={field.name}
              field={field}
              isProtected={attributes.find(({ id }) => id === field.attribute)?.protected === true}
              rejected={rejected.find(({ key }) => key === field.name)?.people ?? 0}
              // In a part of the list nobody sees where a field would go.
              movable={mayWrite && search.trim() === ""}
              onVisible={mayWrite ? (visible) => place.show(field, visible) : undefined}
              onEdit={mayWrite ? () => onEdit(field.name) : undefined}
              onRejected={() => onRejected(field.name)}
            />
          ))}
        </ul>
      </SortableContext>
    </DndContext>
  );
}

/** Moves, shows and hides fields: seen at once, and put back when the server refuses. */
function usePlacing(fields: readonly Field[]) {
  const { t } = useTranslation("settings");
  const slug = useSlug();
  const client = useQueryClient();
  const key = keyOf(FIELDS, { path: { slug } });
  const put = useWrite("put", ORDER, {
    onSuccess: (answer) => client.setQueryData(key, answer),
    onError: () => client.invalidateQueries({ queryKey: [FIELDS] }),
  });
  const send = (next: readonly Field[], body: Schemas["PlacedField"][], done: () => void) => {
    client.setQueryData(key, next);
    put.mutate({ params: { path: { slug } }, body: { fields: body } }, { onSuccess: done });
  };
  const order = (next: readonly Field[], before: readonly Field[] | null) =>
    send(
      next,
      next.map(({ name }) => ({ name })),
      () => notifyDone(t("fields.moved"), before ? { undo: () => order(before, null) } : {}),
    );
  return {
    move: (from: number, to: number) => {
      const next = moved(fields, from, to);
      if (next !== fields) order(next, fields);
    },
    show: (field: Field, visible: boolean) => {
      const next = fields.map((each) => (each.name === field.name ? { ...each, visible } : each));
      const body = next.map(({ name }) => (name === field.name ? { name, visible } : { name }));
      send(next, body, () => undefined);
    },
  };
}

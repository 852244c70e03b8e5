import { ActionIcon, Select, TagsInput, Textarea, TextInput, Tooltip } from "@mantine/core";
import { IconPencil, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useWorkspace } from "@/app/workspace";
import { announce, messageOf, own, reasonsIn, reasonText } from "@/shared";
import classes from "./Details.module.css";
import { Drafts, draftKey } from "./drafts";
import { Provenance } from "./Provenance";
import { ShownValue } from "./ShownValue";
import { type Field, type Person, useSaveField } from "./usePerson";
import { draftOf, isKept, isSame, rawOf } from "./values";

export interface EditableProps {
  person: Person;
  field: Field;
  /** What stands beside the value all the time. */
  beside?: ReactNode;
}

/** A value that is changed where it stands: double click or Enter, then Enter saves and Escape leaves it. */
export function EditableValue({ person, field, beside }: EditableProps) {
  const { t } = useTranslation("profile");
  const drafts = useContext(Drafts);
  const key = draftKey(person.number, field.name);
  const [editing, setEditing] = useState(() => drafts?.has(key) ?? false);
  const place = useRef<HTMLButtonElement>(null);
  const mayWrite = useMay("people:write") && !isKept(field.name);
  const value = own(person.data, field.name);
  const known = value !== undefined && value !== null;
  const origin = own(person.origins, field.name);
  const save = useSaveField(person);

  const returning = useRef(false);
  const close = (back = true) => {
    returning.current = back;
    drafts?.delete(key);
    setEditing(false);
  };
  useEffect(() => {
    if (editing || !returning.current) return;
    // The value is drawn again: it takes the focus back, unless it went elsewhere by itself.
    returning.current = false;
    place.current?.focus();
  }, [editing]);
  if (editing) return <Editor person={person} field={field} close={close} />;
  const shown = known ? <ShownValue value={value} type={field.type} /> : <span className={classes.none}>—</span>;
  if (!mayWrite) {
    return (
      <>
        <Provenance origin={known ? origin : undefined}>
          <span className={classes.value} tabIndex={known && origin ? 0 : undefined}>
            {shown}
          </span>
        </Provenance>
        {beside}
      </>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same by keyboard
    <span className={classes.editable} onDoubleClick={() => setEditing(true)}>
      <Provenance origin={known ? origin : undefined}>
        <span className={classes.value}>{shown}</span>
      </Provenance>
      {beside}
      <span className={classes.tools}>
        <Provenance origin={known ? origin : undefined}>
          <ActionIcon
            ref={place}
            size="sm"
            aria-label={t("field.edit", { field: field.label })}
            onClick={() => setEditing(true)}
          >
            <IconPencil size={14} />
          </ActionIcon>
        </Provenance>
        {known && (
          <Tooltip label={t("field.clear")}>
            <ActionIcon
              size="sm"
              aria-label={t("field.clearOf", { field: field.label })}
              onClick={() => save(field, null).catch((error: unknown) => announce(messageOf(error)))}
            >
              <IconX size={14} />
            </ActionIcon>
          </Tooltip>
        )}
      </span>
    </span>
  );
}

/** The control of a field's type, with what the server has against the value. */
function Editor({ person, field, close }: { person: Person; field: Field; close: (back?: boolean) => void }) {
  const { t } = useTranslation(["profile", "common"]);
  const { timezone } = useWorkspace();
  const value = own(person.data, field.name);
  const drafts = useContext(Drafts);
  const key = draftKey(person.number, field.name);
  const [draft, setDraft] = useState(() => drafts?.get(key) ?? draftOf(value, field.type, timezone));
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const save = useSaveField(person);

  useEffect(() => {
    box.current?.querySelector<HTMLElement>("input:not([type=hidden]), textarea")?.focus();
  }, []);

  useEffect(() => {
    drafts?.set(key, draft);
  }, [drafts, key, draft]);

  const store = async (given = draft) => {
    const raw = rawOf(given, field.type, timezone);
    // A time is edited to the minute: one that was not touched keeps its seconds.
    if (isSame(raw, value ?? null) || isSame(given, draftOf(value, field.type, timezone))) return close();
    setBusy(true);
    try {
      await save(field, raw);
      close();
    } catch (error) {
      setProblem(reasonFor(field.name, error));
      setBusy(false);
    }
  };
  const choices = field.allowed?.choices ?? [];
  const isChosen = field.type === "boolean" || (field.type === "text" && choices.length > 0);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
    const typed = event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing;
    // In a list, Enter first adds what is being typed.
    const adding = field.type === "list" && (event.target as HTMLInputElement).value !== "";
    if (typed && !adding && !isChosen) {
      event.preventDefault();
      void store();
    }
  };
  const common = {
    size: "xs",
    "aria-label": field.label,
    disabled: busy,
    inputWrapperOrder: ["input", "description", "error"] as ("input" | "description" | "error")[],
    ...(problem !== undefined && { error: problem }),
    ...(field.type === "datetime" && { description: t("field.zone", { zone: timezone }) }),
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the control inside
    <div ref={box} className={classes.editor} onKeyDown={onKeyDown}>
      {Array.isArray(draft) ? (
        <TagsInput {...common} data={choices} value={draft} onChange={setDraft} />
      ) : choices.length > 0 && field.type === "text" ? (
        <Select
          {...common}
          data={draft === "" || choices.includes(draft) ? choices : [draft, ...choices]}
          searchable
          value={draft === "" ? null : draft}
          defaultDropdownOpened
          onChange={(chosen) => chosen !== null && void store(chosen)}
          onBlur={() => !busy && close(false)}
        />
      ) : field.type === "boolean" ? (
        <Select
          {...common}
          data={[
            { value: "true", label: t("value.yes") },
            { value: "false", label: t("value.no") },
            { value: "", label: t("value.none") },
          ]}
          value={draft}
          defaultDropdownOpened
          onChange={(chosen) => void store(chosen ?? "")}
          onBlur={() => !busy && close(false)}
        />
      ) : draft.length > 60 ? (
        <Textarea {...common} value={draft} autosize maxRows={8} onChange={(event) => setDraft(event.target.value)} />
      ) : (
        <TextInput
          {...common}
          type={field.type === "datetime" ? "datetime-local" : field.type === "date" ? "date" : "text"}
          inputMode={field.type === "number" ? "decimal" : "text"}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
      )}
      {!isChosen && <p className={classes.hint}>{t("field.keys")}</p>}
    </div>
  );
}

/** What the server says about one field of a refused change. */
function reasonFor(name: string, error: unknown): string {
  const found = reasonsIn(error).find(({ field }) => field === name);
  return found ? reasonText(found.reason) : messageOf(error);
}

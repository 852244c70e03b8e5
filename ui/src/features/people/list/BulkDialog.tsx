import { Button, Modal, SegmentedControl, Select, TagsInput, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFields } from "@/app/workspace";
import { FROM_NOBODY, HideNew, SegmentPicker } from "@/features/segments";
import { formatNumber } from "@/shared";
import type { Operator, Value } from "../filter/conditions";
import { useFacets } from "../filter/facets";
import { ValueEditor } from "../filter/ValueEditor";
import type { Kind } from "./BulkBar";
import classes from "./List.module.css";
import type { Act } from "./useBulk";

interface DialogProps {
  kind: Kind;
  count: number;
  busy: boolean;
  onClose: () => void;
  onAct: (act: Act) => void;
}

/** Asks what exactly to do to the selected people. */
export default function BulkDialog(props: DialogProps) {
  const { t } = useTranslation("people");
  const { kind, count } = props;
  const people = t("filter.total", { count, number: formatNumber(count) });
  const Form = FORMS[kind];
  return (
    <Modal opened onClose={props.onClose} title={`${t(`bulk.${kind}`)} · ${people}`} size="sm">
      <Form {...props} />
    </Modal>
  );
}

function Ask({
  act,
  label,
  danger = false,
  children,
  busy,
  onClose,
  onAct,
}: Omit<DialogProps, "kind" | "count"> & { act: Act | null; label: string; danger?: boolean; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (act) onAct(act);
      }}
    >
      {children}
      <div className={classes.formFoot}>
        <Button variant="default" onClick={onClose}>
          {t("actions.cancel")}
        </Button>
        <Button type="submit" loading={busy} disabled={!act} {...(danger && { color: "red" })}>
          {label}
        </Button>
      </div>
    </form>
  );
}

function TagForm(props: DialogProps) {
  const { t } = useTranslation("people");
  const [mode, setMode] = useState("add");
  const [tags, setTags] = useState<string[]>([]);
  const [search, setSearch] = useState("");
  const facets = useFacets("tags", search);
  // Open from the start or left open after a choice, the proposals would lie over the buttons.
  const [proposing, setProposing] = useState(false);
  const act: Act | null = tags.length
    ? mode === "add"
      ? { kind: "change", add_tags: tags }
      : { kind: "change", remove_tags: tags }
    : null;
  return (
    <Ask {...props} act={act} label={t(mode === "add" ? "bulk.add" : "bulk.remove")}>
      <Modes value={mode} onChange={setMode} modes={["add", "remove"]} />
      <TagsInput
        data-autofocus
        label={t("bulk.tags")}
        value={tags}
        onChange={(next) => {
          setTags(next);
          setProposing(false);
        }}
        openOnFocus={false}
        dropdownOpened={proposing}
        onDropdownOpen={() => setProposing(true)}
        onDropdownClose={() => setProposing(false)}
        searchValue={search}
        onSearchChange={setSearch}
        data={facets.map(({ value }) => value)}
        acceptValueOnBlur
      />
    </Ask>
  );
}

function Modes({
  value,
  onChange,
  modes,
}: {
  value: string;
  onChange: (mode: string) => void;
  modes: readonly ("add" | "remove" | "set" | "clear" | "new" | "ban" | "unban")[];
}) {
  const { t } = useTranslation("people");
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      value={value}
      onChange={onChange}
      data={modes.map((mode) => ({ value: mode, label: t(`bulk.${mode}`) }))}
    />
  );
}

/** The value editor of the filter bar serves here too: one value, or a list. */
function shape(type: string): Operator {
  return {
    key: "set",
    label: "",
    sentence: "",
    also: [],
    value: type === "list" ? "many" : "one",
    units: [],
    minimum: 0,
    semantic: null,
    complement_of: null,
    or_unknown: false,
    example: "",
  };
}

/** Built-in fields that are one person's alone, or have a form of their own here. */
const NOT_OF_MANY: ReadonlySet<string> = new Set([
  "name",
  "email",
  "phone",
  "avatar",
  "username",
  "user_id",
  "ip",
  "banned",
]);

function FieldForm(props: DialogProps) {
  const { t } = useTranslation("people");
  const fields = useFields().filter(
    ({ name, kind, writable }) => writable && (kind === "attribute" || !NOT_OF_MANY.has(name)),
  );
  const [mode, setMode] = useState("set");
  const [name, setName] = useState<string | null>(null);
  const [value, setValue] = useState<Value | undefined>(undefined);
  const field = fields.find((each) => each.name === name);
  const ready = value !== undefined && value !== null && value !== "";
  const act: Act | null = !field
    ? null
    : mode === "clear"
      ? { kind: "change", clear: [field.name] }
      : ready
        ? ({ kind: "change", set: { [field.name]: value } } as Act)
        : null;
  return (
    <Ask {...props} act={act} label={t(mode === "clear" ? "bulk.clear" : "bulk.set")}>
      <Modes value={mode} onChange={setMode} modes={["set", "clear"]} />
      <Select
        data-autofocus
        openOnFocus={false}
        searchable
        label={t("bulk.whichField")}
        data={fields.map((each) => ({ value: each.name, label: each.label }))}
        value={name}
        onChange={(next) => {
          setName(next);
          setValue(undefined);
        }}
      />
      {field && mode === "set" && field.type === "boolean" && (
        <Select
          aria-label={t("value.one")}
          data={[
            { value: "true", label: t("cell.yes") },
            { value: "false", label: t("cell.no") },
          ]}
          value={value === undefined ? null : String(value)}
          onChange={(next) => setValue(next === null ? undefined : next === "true")}
        />
      )}
      {field && mode === "set" && field.type !== "boolean" && (
        <ValueEditor
          key={field.name}
          row={shape(field.type)}
          type={field.type}
          field={field.name}
          value={value}
          onChange={setValue}
        />
      )}
    </Ask>
  );
}

const MOST_SEGMENTS = 20;

function SegmentForm(props: DialogProps) {
  const { t } = useTranslation("people");
  const [mode, setMode] = useState("add");
  const [segments, setSegments] = useState<string[]>([]);
  const [name, setName] = useState("");
  const [hidden, setHidden] = useState(FROM_NOBODY);
  const act: Act | null =
    mode === "new"
      ? name.trim()
        ? { kind: "newSegment", name: name.trim(), hidden }
        : null
      : segments.length
        ? { kind: "members", segments, action: mode === "add" ? "add" : "remove" }
        : null;
  return (
    <Ask {...props} act={act} label={t(mode === "remove" ? "bulk.remove" : "bulk.add")}>
      <Modes value={mode} onChange={setMode} modes={["add", "new", "remove"]} />
      {mode === "new" ? (
        <>
          <TextInput
            data-autofocus
            label={t("bulk.segmentName")}
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <HideNew value={hidden} onChange={setHidden} />
        </>
      ) : (
        <SegmentPicker
          label={t("bulk.staticSegment")}
          kind="static"
          max={MOST_SEGMENTS}
          value={segments}
          onChange={setSegments}
        />
      )}
    </Ask>
  );
}

function BanForm(props: DialogProps) {
  const { t } = useTranslation("people");
  const [mode, setMode] = useState("ban");
  const banned = mode === "ban";
  const act = { kind: "change", set: { banned } } as Act;
  return (
    <Ask {...props} act={act} label={t(banned ? "bulk.ban" : "bulk.unban")}>
      <Modes value={mode} onChange={setMode} modes={["ban", "unban"]} />
      <p className={classes.text}>{t(banned ? "bulk.banText" : "bulk.unbanText")}</p>
    </Ask>
  );
}

function DeleteForm(props: DialogProps) {
  const { t } = useTranslation("people");
  const [typed, setTyped] = useState("");
  const wanted = String(props.count);
  return (
    <Ask {...props} danger act={typed.trim() === wanted ? { kind: "delete" } : null} label={t("bulk.delete")}>
      <p className={classes.text}>{t("bulk.deleteText")}</p>
      <TextInput
        data-autofocus
        label={t("bulk.deleteConfirm", { number: wanted })}
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </Ask>
  );
}

const FORMS = { tag: TagForm, field: FieldForm, segment: SegmentForm, ban: BanForm, delete: DeleteForm } as const;

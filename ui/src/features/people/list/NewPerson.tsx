import { ActionIcon, Button, Modal, Select, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call, type Schemas, useWrite } from "@/api";
import { useFields, useSlug, useWorkspace } from "@/app/workspace";
import { rawOf } from "@/features/profile";
import { messageOf, notifyDone, reasonsIn, reasonText } from "@/shared";
import classes from "./NewPerson.module.css";

type Field = Schemas["FieldOut"];

const PAUSE_MS = 300;
const FIRST_FIELDS = ["name", "email", "phone", "user_id"] as const;
const SHARED = ["email", "phone"];

/** Makes one person by hand; says beforehand who may be the same. */
export default function NewPerson({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["people", "common"]);
  const { slug, timezone } = useWorkspace();
  const navigate = useNavigate();
  const fields = useFields();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [more, setMore] = useState<readonly string[]>([]);
  const [search, setSearch] = useState("");
  const [tags, setTags] = useState<string[]>([]);
  const shown = [...FIRST_FIELDS, ...more].flatMap((name) => fields.find((field) => field.name === name) ?? []);
  const create = useWrite("post", "/api/v1/workspaces/{slug}/people", {
    meta: { quiet: true },
    refresh: ["/api/v1/workspaces/{slug}/people", ["/api/v1/workspaces/{slug}/people/count"]],
    onSuccess: ({ number }) => {
      const run = () => void navigate({ to: "/w/$slug/people/$number", params: { slug, number } });
      const name = values.name || values.email || values.phone || `#${number}`;
      notifyDone(t("new.done", { name }), { action: { label: t("new.open"), run } });
      onClose();
    },
  });
  const given = valuesOf(values, shown, timezone);
  const taken = create.error instanceof ApiError && create.error.code === "person_exists" ? create.error : null;
  const mayShare = taken !== null && SHARED.includes(String(taken.details.identity));
  const reasons = reasonsOf(create.error);
  const known = Object.keys(reasons).some((name) => shown.some((field) => field.name === name));
  const submit = (shared: boolean) => create.mutate({ params: { path: { slug } }, body: { set: given, tags, shared } });
  return (
    <Modal opened onClose={onClose} title={t("new.title")}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit(false);
        }}
      >
        {shown.map((field, place) => (
          <Value
            key={field.name}
            field={field}
            isFirst={place === 0}
            value={values[field.name] ?? ""}
            error={reasons[field.name]}
            onChange={(value) => {
              setValues({ ...values, [field.name]: value });
              create.reset();
            }}
            {...(more.includes(field.name) && {
              onRemove: () => {
                const { [field.name]: _, ...rest } = values;
                setValues(rest);
                setMore(more.filter((name) => name !== field.name));
              },
            })}
          />
        ))}
        <Select
          size="xs"
          aria-label={t("new.more")}
          placeholder={t("new.more")}
          searchable
          searchValue={search}
          onSearchChange={setSearch}
          value={null}
          data={fields
            .filter(({ name, writable }) => writable && !shown.some((field) => field.name === name))
            .map(({ name, label }) => ({ value: name, label }))}
          onChange={(name) => {
            if (!name) return;
            setMore([...more, name]);
            setSearch("");
          }}
        />
        <TagsInput label={t("new.tags")} size="sm" maxTags={200} value={tags} onChange={setTags} acceptValueOnBlur />
        <Candidates given={given} />
        <div role="alert">
          {create.error && !known && (
            <p className={classes.problem}>
              {taken ? t("new.exists", { identity: identityOf(taken, fields) }) : messageOf(create.error)}{" "}
              {mayShare && t("new.shared")}
            </p>
          )}
        </div>
        <div className={classes.foot}>
          <Button variant="default" onClick={onClose}>
            {t("common:actions.cancel")}
          </Button>
          {mayShare ? (
            <Button loading={create.isPending} onClick={() => submit(true)}>
              {t("new.createAnyway")}
            </Button>
          ) : (
            <Button type="submit" loading={create.isPending} disabled={!Object.keys(given).length}>
              {t("new.create")}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

interface ValueProps {
  field: Field;
  isFirst: boolean;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  onRemove?: () => void;
}

function Value({ field: { label, type, name }, isFirst, value, error, onChange, onRemove }: ValueProps) {
  const { t } = useTranslation("people");
  const common = { label, error, ...(isFirst && { "data-autofocus": true }) };
  return (
    <div className={classes.value}>
      {type === "boolean" ? (
        <Select
          {...common}
          data={[
            { value: "true", label: t("new.yes") },
            { value: "false", label: t("new.no") },
          ]}
          value={value || null}
          onChange={(next) => onChange(next ?? "")}
        />
      ) : (
        <TextInput
          {...common}
          type={type === "date" ? "date" : type === "datetime" ? "datetime-local" : "text"}
          inputMode={name === "email" ? "email" : name === "phone" ? "tel" : type === "number" ? "decimal" : "text"}
          {...(type === "list" && { description: t("new.listHint") })}
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {onRemove && (
        <ActionIcon size={30} aria-label={t("new.removeField", { label })} onClick={onRemove}>
          <IconX size={15} />
        </ActionIcon>
      )}
    </div>
  );
}

/** People who may be the same as the one that is being described, with a way to each. */
function Candidates({ given }: { given: Record<string, unknown> }) {
  const { t } = useTranslation("people");
  const slug = useSlug();
  const text = JSON.stringify(
    Object.fromEntries(
      ["name", "email", "phone", "user_id", "country"].flatMap((key) => (key in given ? [[key, given[key]]] : [])),
    ),
  );
  const [asked] = useDebouncedValue(text, PAUSE_MS);
  const found = useQuery({
    queryKey: ["candidates", slug, asked],
    queryFn: ({ signal }) =>
      call("post", "/api/v1/workspaces/{slug}/people/candidates", {
        params: { path: { slug } },
        body: { set: JSON.parse(asked) as Schemas["PersonBody"]["set"] & object },
        signal,
      }),
    enabled: asked !== "{}",
    placeholderData: keepPreviousData,
  });
  const items = asked === "{}" ? [] : (found.data?.items ?? []);
  return (
    <div role="status">
      {items.length > 0 && (
        <div className={classes.note}>
          {t("new.candidates", { count: items.length })}
          <ul className={classes.candidates}>
            {items.map(({ number, values, reasons, score }) => {
              const [head, ...rest] = [values.name, values.email, values.phone, values.user_id, `#${number}`].filter(
                Boolean,
              );
              return (
                <li key={number}>
                  <Link to="/w/$slug/people/$number" params={{ slug, number }} target="_blank">
                    {String(head)}
                  </Link>{" "}
                  <span className={classes.quiet}>
                    {[
                      ...rest.slice(0, 1).map(String),
                      reasons.map(reasonText).join(", "),
                      t("new.score", { score }),
                    ].join(" · ")}
                  </span>
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </div>
  );
}

/** What was typed as the server takes it, times in the workspace's zone; what is empty is left out. */
function valuesOf(values: Readonly<Record<string, string>>, fields: readonly Field[], zone: string) {
  const made: Record<string, Schemas["JsonValue"]> = {};
  for (const { name, type } of fields) {
    const text = values[name] ?? "";
    const parts = text.split(",").flatMap((part) => part.trim() || []);
    const raw = rawOf(type === "list" ? parts : text, type, zone);
    if (raw !== null) made[name] = raw as Schemas["JsonValue"];
  }
  return made;
}

/** What the server says about each field. */
function reasonsOf(error: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(reasonsIn(error).map(({ field, reason }) => [field, reasonText(reason)]));
}

function identityOf(error: ApiError, fields: readonly Field[]): string {
  const kind = String(error.details.identity);
  return fields.find(({ name }) => name === kind)?.label ?? kind;
}

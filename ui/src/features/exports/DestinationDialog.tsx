import { Button, Modal, PasswordInput, SegmentedControl, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { messageOf } from "@/shared";
import { DESTINATION, DESTINATIONS, type Destination, SCHEDULES } from "./addresses";
import classes from "./Exports.module.css";

const KINDS = ["folder", "s3"] as const;
type Kind = (typeof KINDS)[number];

/** What each kind asks for; the hints show what is meant. */
const FIELDS = {
  folder: ["folder"],
  s3: ["endpoint", "region", "bucket", "prefix", "key_id", "secret"],
} as const;
const KEY = ["key_id", "secret"] as const;
const OPTIONAL: readonly string[] = ["region", "prefix"];
const HINTS = {
  folder: "crm/daily",
  endpoint: "https://s3.eu-central-1.amazonaws.com",
  region: "eu-central-1",
  bucket: "acme-exports",
  prefix: "coterie",
  key_id: "",
  secret: "",
} as const;
type Field = keyof typeof HINTS;

interface DestinationDialogProps {
  hasFolder: boolean;
  /** The one that is changed: its name, and its key. */
  destination?: Destination;
  close: () => void;
}

/** Names a place for exports: a folder of the server, or a bucket with its key. */
export function DestinationDialog({ hasFolder, destination, close }: DestinationDialogProps) {
  const { t } = useTranslation(["exports", "common"]);
  const slug = useSlug();
  const [kind, setKind] = useState<Kind>(destination?.kind ?? (hasFolder ? "folder" : "s3"));
  const [name, setName] = useState(destination?.name ?? "");
  const [values, setValues] = useState<Partial<Record<Field, string>>>({});
  const make = useWrite("post", DESTINATIONS, { refresh: [DESTINATIONS], meta: { quiet: true }, onSuccess: close });
  const change = useWrite("patch", DESTINATION, {
    refresh: [DESTINATIONS, SCHEDULES],
    meta: { quiet: true },
    onSuccess: close,
  });
  const fields: readonly Field[] = destination ? KEY.filter(() => kind === "s3") : FIELDS[kind];
  const isGiven = (field: Field) => (values[field] ?? "").trim() !== "";
  // A key stays as it is, or both of its parts are given.
  const isReady =
    name.trim() !== "" &&
    (fields.every((field) => OPTIONAL.includes(field) || isGiven(field)) ||
      (destination !== undefined && !fields.some(isGiven)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(fields.filter(isGiven).map((field) => [field, (values[field] ?? "").trim()]));
    const named = { name: name.trim(), ...given };
    if (destination) change.mutate({ params: { path: { slug, destination: destination.id } }, body: named });
    else make.mutate({ params: { path: { slug } }, body: { kind, ...EMPTY, ...named } });
  };
  const error = make.error ?? change.error;
  return (
    <Modal
      opened
      onClose={close}
      title={destination ? t("row.editOf", { name: destination.name }) : t("destinations.new")}
    >
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label={t("destinations.column.name")}
          maxLength={120}
          data-autofocus
          value={name}
          onChange={({ currentTarget: { value } }) => setName(value)}
        />
        {destination ? (
          <p className={classes.text}>
            {destination.place}. {t("destinations.changeText")}
          </p>
        ) : (
          <SegmentedControl
            size="xs"
            aria-label={t("destinations.kind")}
            data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
            value={kind}
            onChange={(value) => setKind(value === "s3" ? "s3" : "folder")}
          />
        )}
        {kind === "folder" && !hasFolder && <p className={classes.text}>{t("destinations.noFolder")}</p>}
        {fields.map((field) => {
          const Input = field === "secret" ? PasswordInput : TextInput;
          return (
            <Input
              key={field}
              label={t(`field.${field}`)}
              placeholder={(field === "key_id" && destination?.key_id) || HINTS[field]}
              autoComplete="off"
              value={values[field] ?? ""}
              onChange={({ currentTarget: { value } }) => setValues((before) => ({ ...before, [field]: value }))}
            />
          );
        })}
        {destination ? (
          kind === "s3" && <p className={classes.text}>{t("destinations.keyText")}</p>
        ) : (
          <p className={classes.text}>
            {t(kind === "folder" ? "destinations.folderText" : "destinations.storageText")}
          </p>
        )}
        <div role="alert">{error && <p className={classes.problem}>{messageOf(error)}</p>}</div>
        <div className={classes.foot}>
          <Button variant="default" onClick={close}>
            {t("common:actions.cancel")}
          </Button>
          <Button type="submit" loading={make.isPending || change.isPending} disabled={!isReady}>
            {t(destination ? "common:actions.save" : "destinations.make")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

const EMPTY = { folder: "", endpoint: "", region: "", bucket: "", prefix: "", key_id: "", secret: "" } as const;

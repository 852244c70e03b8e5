import { Button, Checkbox, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useWrite } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { messageOf, notifyDone } from "@/shared";
import settings from "../Settings.module.css";
import { LimitsForm } from "./LimitsForm";
import { allowedOf, NO_LIMITS } from "./limits";
import { keyOfLabel } from "./order";
import { STALE, TYPES, useTypes } from "./types";

/** A new custom field. Its name stays; everything else can be changed later. */
export function CreateField({ close }: { close: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const slug = useSlug();
  const types = useTypes();
  const [label, setLabel] = useState("");
  const [ownKey, setOwnKey] = useState<string | null>(null);
  const [type, setType] = useState<Schemas["FieldType"]>("text");
  const [description, setDescription] = useState("");
  const [isProtected, setProtected] = useState(false);
  const [limits, setLimits] = useState(NO_LIMITS);
  const { timezone } = useWorkspace();
  const create = useWrite("post", "/api/v1/workspaces/{slug}/attributes", {
    meta: { quiet: true },
    refresh: STALE,
  });
  const key = ownKey ?? keyOfLabel(label);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const allowed = allowedOf(limits, type, timezone);
    const body = { key, label: label.trim(), type, description, protected: isProtected, visible: true, allowed };
    create.mutate(
      { params: { path: { slug } }, body },
      {
        onSuccess: (field) => {
          notifyDone(t("fields.created", { field: field.label }));
          close();
        },
      },
    );
  };
  return (
    <Modal opened onClose={close} title={t("fields.add")}>
      <form className={settings.form} data-bare onSubmit={submit}>
        <div role="alert">{create.error && <p className={settings.problem}>{messageOf(create.error)}</p>}</div>
        <TextInput
          label={t("fields.label")}
          required
          withAsterisk={false}
          maxLength={200}
          data-autofocus
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <TextInput
          label={t("fields.key")}
          description={t("fields.keyHint")}
          required
          withAsterisk={false}
          maxLength={400}
          value={key}
          onChange={(event) => setOwnKey(event.target.value)}
        />
        <Select
          label={t("fields.type")}
          allowDeselect={false}
          data={types}
          value={type}
          onChange={(value) => {
            setType(TYPES.find((each) => each === value) ?? "text");
            // A date is no number: what was said of another type does not stay.
            setLimits(NO_LIMITS);
          }}
        />
        <Textarea
          label={t("fields.description")}
          autosize
          minRows={2}
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <Checkbox
          label={t("fields.protected")}
          description={t("fields.protectedText")}
          checked={isProtected}
          onChange={(event) => setProtected(event.target.checked)}
        />
        <LimitsForm type={type} limits={limits} onChange={setLimits} />
        <div className={settings.buttons}>
          <Button variant="default" onClick={close}>
            {t("common:actions.cancel")}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!key || !label.trim()}>
            {t("fields.add")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

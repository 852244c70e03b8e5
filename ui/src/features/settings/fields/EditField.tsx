import { Button, Checkbox, Divider, Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useWrite } from "@/api";
import { inWords, useSlug, useWorkspace } from "@/app/workspace";
import { messageOf, notifyDone } from "@/shared";
import { Confirm } from "@/shared/Confirm";
import settings from "../Settings.module.css";
import { ChangeType } from "./ChangeType";
import { LimitsForm } from "./LimitsForm";
import { allowedOf, limitsOf } from "./limits";
import { STALE } from "./types";

type Attribute = Schemas["AttributeOut"];

interface EditFieldProps {
  field: Schemas["FieldOut"];
  /** Missing for a built-in field, of which only the label can be changed. */
  attribute: Attribute | undefined;
  close: () => void;
}

/** How a field is called and who may write it; for a custom one its type too, and deleting it. */
export function EditField({ field, attribute, close }: EditFieldProps) {
  const { t } = useTranslation("settings");
  return (
    <Modal opened onClose={close} title={t("fields.editOf", { field: field.label })}>
      {attribute ? (
        <AttributeForm key={attribute.type} attribute={attribute} close={close} />
      ) : (
        <BuiltInForm field={field} close={close} />
      )}
    </Modal>
  );
}

function BuiltInForm({ field, close }: { field: Schemas["FieldOut"]; close: () => void }) {
  const { t } = useTranslation("settings");
  const slug = useSlug();
  const { t: common } = useTranslation();
  const [label, setLabel] = useState(field.renamed ? field.label : "");
  const change = useWrite("patch", "/api/v1/workspaces/{slug}/fields/{name}", {
    refresh: STALE,
    meta: { quiet: true },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { params: { path: { slug, name: field.name } }, body: { label: label.trim() } },
      {
        onSuccess: () => {
          notifyDone(t("saved"));
          close();
        },
      },
    );
  };
  return (
    <form className={settings.form} data-bare onSubmit={submit}>
      <div role="alert">{change.error && <p className={settings.problem}>{messageOf(change.error)}</p>}</div>
      <TextInput
        label={t("fields.label")}
        description={t("fields.labelHint")}
        placeholder={inWords({ ...field, renamed: false }, common).label}
        maxLength={200}
        data-autofocus
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <Buttons close={close} busy={change.isPending} />
    </form>
  );
}

function AttributeForm({ attribute, close }: { attribute: Attribute; close: () => void }) {
  const { t } = useTranslation("settings");
  const slug = useSlug();
  const [label, setLabel] = useState(attribute.label);
  const [description, setDescription] = useState(attribute.description);
  const [isProtected, setProtected] = useState(attribute.protected);
  const { timezone } = useWorkspace();
  const form = useId();
  const [limits, setLimits] = useState(() => limitsOf(attribute.allowed, attribute.type, timezone));
  const change = useWrite("patch", "/api/v1/workspaces/{slug}/attributes/{attribute}", {
    refresh: STALE,
    meta: { quiet: true },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const before = limitsOf(attribute.allowed, attribute.type, timezone);
    // A time is edited to the minute: a bound that was not touched stays as it is.
    const allowed =
      JSON.stringify(limits) === JSON.stringify(before) ? null : allowedOf(limits, attribute.type, timezone);
    change.mutate(
      {
        params: { path: { slug, attribute: attribute.id } },
        body: { label: label.trim(), description, protected: isProtected, allowed },
      },
      {
        onSuccess: () => {
          notifyDone(t("saved"));
          close();
        },
      },
    );
  };
  return (
    <>
      <form id={form} className={settings.form} data-bare onSubmit={submit}>
        <div role="alert">{change.error && <p className={settings.problem}>{messageOf(change.error)}</p>}</div>
        <TextInput
          label={t("fields.label")}
          maxLength={200}
          data-autofocus
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <TextInput label={t("fields.key")} readOnly value={attribute.key} classNames={{ input: settings.code ?? "" }} />
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
        <LimitsForm type={attribute.type} limits={limits} onChange={setLimits} />
      </form>
      <Divider my="md" />
      <ChangeType attribute={attribute} />
      <div className={settings.foot}>
        <DeleteField attribute={attribute} close={close} />
        <Buttons close={close} busy={change.isPending} form={form} />
      </div>
    </>
  );
}

function Buttons({ close, busy, form }: { close: () => void; busy: boolean; form?: string }) {
  const { t } = useTranslation();
  return (
    <div className={settings.buttons}>
      <Button variant="default" onClick={close}>
        {t("actions.cancel")}
      </Button>
      <Button type="submit" loading={busy} {...(form !== undefined && { form })}>
        {t("actions.save")}
      </Button>
    </div>
  );
}

/** Deletes a custom field; making it again brings its values back. */
function DeleteField({ attribute, close }: { attribute: Attribute; close: () => void }) {
  const { t } = useTranslation("settings");
  const slug = useSlug();
  const [asking, setAsking] = useState(false);
  const remove = useWrite("delete", "/api/v1/workspaces/{slug}/attributes/{attribute}", {
    refresh: [...STALE, "/api/v1/workspaces/{slug}/segments"],
  });
  return (
    <>
      <Button variant="subtle" color="red" ml={-12} onClick={() => setAsking(true)}>
        {t("fields.delete")}
      </Button>
      <Confirm
        opened={asking}
        title={t("fields.deleteTitle", { field: attribute.label })}
        text={t("fields.deleteText")}
        action={t("fields.delete")}
        busy={remove.isPending}
        close={() => setAsking(false)}
        confirm={() =>
          remove.mutate(
            { params: { path: { slug, attribute: attribute.id } } },
            {
              onSuccess: () => {
                notifyDone(t("fields.deleted", { field: attribute.label }));
                close();
              },
              onError: () => setAsking(false),
            },
          )
        }
      />
    </>
  );
}

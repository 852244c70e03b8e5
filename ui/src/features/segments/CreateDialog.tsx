import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { messageOf, notifyDone } from "@/shared";
import { quoted } from "@/shared/sentences";
import { LIST } from "./addresses";
import { useSegments } from "./data";
import classes from "./dialogs.module.css";
import { FROM_NOBODY } from "./HiddenFields";
import { HideNew } from "./HideNew";
import { SegmentPicker } from "./SegmentPicker";

interface CreateDialogProps {
  title: string;
  /** The definition of a dynamic segment; without it, a static one is made. */
  where?: string;
  /** Who is in a static segment from the start; then the reader stays where they are. */
  people?: readonly number[];
  /** How many it has, where that is known. */
  note?: ReactNode;
  onClose: () => void;
}

/** Makes a segment: a dynamic one of `where`, or a static one of `people` or of the people of another segment. */
export function CreateDialog({ title, where, people, note, onClose }: CreateDialogProps) {
  const { t } = useTranslation("segments");
  const { t: common } = useTranslation();
  const slug = useSlug();
  const navigate = useNavigate();
  const segments = useSegments();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [from, setFrom] = useState<string[]>([]);
  const [hidden, setHidden] = useState(FROM_NOBODY);
  const create = useWrite("post", LIST, {
    meta: { quiet: true },
    refresh: [LIST, "/api/v1/workspaces/{slug}/people/{number}/segments"],
    onSuccess: (made) => {
      notifyDone(t("new.done", { name: made.name }));
      onClose();
      if (people) return;
      void navigate({ to: "/w/$slug/segments/$segment", params: { slug, segment: made.id } });
    },
  });
  const source = segments.data?.items.find((segment) => segment.id === from[0]);
  const submit = () => {
    const about = {
      name: name.trim(),
      description: description.trim(),
      hidden: { roles: [...hidden.roles], users: [...hidden.users] },
    };
    const body = where
      ? { ...about, kind: "dynamic" as const, where }
      : {
          ...about,
          kind: "static" as const,
          ...(source ? { where: `in segment ${quoted(source.name)}` } : { people: [...(people ?? [])] }),
        };
    create.mutate({ params: { path: { slug } }, body });
  };
  const error = create.error ? messageOf(create.error) : null;
  const isName = create.error instanceof ApiError && /^(name_taken|invalid_input)$/.test(create.error.code);
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="sm">
          {where && <code className={classes.sentence}>{where}</code>}
          <TextInput
            label={t("new.name")}
            required
            data-autofocus
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={isName && error}
          />
          <Textarea
            label={t("new.description")}
            size="sm"
            autosize
            minRows={2}
            maxLength={1_000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {!where && !people && (
            <>
              <SegmentPicker label={t("new.from")} value={from} onChange={setFrom} />
              <p className={classes.text}>{t("new.fromText")}</p>
            </>
          )}
          <HideNew value={hidden} onChange={setHidden} />
          {error && !isName && (
            <p className={classes.problem} role="alert">
              {error}
            </p>
          )}
          <Group justify="flex-end" gap="xs">
            {note && <span className={classes.note}>{note}</span>}
            <Button variant="default" onClick={onClose}>
              {common("actions.cancel")}
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
              {t("new.create")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

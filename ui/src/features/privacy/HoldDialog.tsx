import { Button, CloseButton, Group, Modal, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { messageOf, notifyDone } from "@/shared";
import { PersonPicker } from "@/shared/PersonPicker";
import { HOLDS, RETENTION } from "./addresses";
import classes from "./Privacy.module.css";

const KINDS = ["person", "everyone"] as const;

/** Holds one person or everyone, with a reason. */
export function HoldDialog({ close }: { close: () => void }) {
  const { t } = useTranslation(["privacy", "common"]);
  const slug = useSlug();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("person");
  const [person, setPerson] = useState<number>();
  const [reason, setReason] = useState("");
  const [day, setDay] = useState("");
  const add = useWrite("post", HOLDS, {
    meta: { quiet: true },
    refresh: [HOLDS, RETENTION],
    onSuccess: () => {
      notifyDone(t("holds.added"));
      close();
    },
  });
  const ready = reason.trim() !== "" && (kind === "everyone" || person !== undefined);
  return (
    <Modal opened onClose={close} title={t("holds.add")} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const until = day ? `${day}T23:59:59Z` : null;
          const who = kind === "person" ? (person ?? null) : null;
          if (ready) add.mutate({ params: { path: { slug } }, body: { person: who, reason, until } });
        }}
      >
        <Stack gap="md">
          <p className={classes.text}>{t("holds.text")}</p>
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={t("holds.whom")}
            data={KINDS.map((value) => ({ value, label: t(`holds.kind.${value}`) }))}
            value={kind}
            onChange={(value) => setKind(value === "everyone" ? "everyone" : "person")}
          />
          {kind === "person" &&
            (person === undefined ? (
              <PersonPicker label={t("holds.find")} choose={setPerson} />
            ) : (
              <Group gap="xs">
                <span className={classes.name}>{t("holds.person", { number: person })}</span>
                <CloseButton size="sm" aria-label={t("holds.other")} onClick={() => setPerson(undefined)} />
              </Group>
            ))}
          <TextInput
            label={t("holds.reason")}
            description={t("holds.reasonHint")}
            required
            maxLength={200}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t("holds.untilDay")}
            description={t("holds.untilHint")}
            value={day}
            onChange={({ currentTarget }) => setDay(currentTarget.value)}
          />
          <div role="alert">{add.error && <p className={classes.problem}>{messageOf(add.error)}</p>}</div>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t("common:actions.cancel")}
            </Button>
            <Button type="submit" disabled={!ready} loading={add.isPending}>
              {t("holds.action")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

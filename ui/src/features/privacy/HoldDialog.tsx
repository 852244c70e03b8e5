import { Button, CloseButton, Group, Modal, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { messageOf, notifyDone } from "@/shared";
import { PersonPicker } from "@/shared/PersonPicker";
import { HOLD, HOLDS, type Hold, RETENTION } from "./addresses";
import classes from "./Privacy.module.css";

const KINDS = ["person", "everyone"] as const;

/** The day up to whose end a hold stands, in UTC as it is asked for. */
const dayOf = (hold: Hold | undefined) => hold?.until?.slice(0, 10) ?? "";

/** Holds one person or everyone, with a reason; of a hold that stands, why and until when can be changed. */
export function HoldDialog({ hold, close }: { hold?: Hold; close: () => void }) {
  const { t } = useTranslation(["privacy", "common"]);
  const slug = useSlug();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("person");
  const [person, setPerson] = useState<number>();
  const [reason, setReason] = useState(hold?.reason ?? "");
  const [day, setDay] = useState(dayOf(hold));
  const after = (text: string) => ({
    meta: { quiet: true },
    refresh: [HOLDS, RETENTION] as const,
    onSuccess: () => {
      notifyDone(text);
      close();
    },
  });
  const add = useWrite("post", HOLDS, after(t("holds.added")));
  const change = useWrite("put", HOLD, after(t("holds.changed")));
  const error = add.error ?? change.error;
  const ready = reason.trim() !== "" && (hold !== undefined || kind === "everyone" || person !== undefined);
  const submit = () => {
    // A hold may end within a day, set over the API: that stays while the day does.
    const until = day === dayOf(hold) ? (hold?.until ?? null) : day ? `${day}T23:59:59Z` : null;
    const who = kind === "person" ? (person ?? null) : null;
    if (hold) change.mutate({ params: { path: { slug, hold: hold.id } }, body: { reason, until } });
    else add.mutate({ params: { path: { slug } }, body: { person: who, reason, until } });
  };
  return (
    <Modal opened onClose={close} title={t(hold ? "holds.change" : "holds.add")} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) submit();
        }}
      >
        <Stack gap="md">
          <p className={classes.text}>{t("holds.text")}</p>
          {hold ? (
            <span className={classes.name}>
              {hold.person === null ? t("holds.everyone") : t("holds.person", { number: hold.person })}
            </span>
          ) : (
            <SegmentedControl
              size="xs"
              fullWidth
              aria-label={t("holds.whom")}
              data={KINDS.map((value) => ({ value, label: t(`holds.kind.${value}`) }))}
              value={kind}
              onChange={(value) => setKind(value === "everyone" ? "everyone" : "person")}
            />
          )}
          {!hold &&
            kind === "person" &&
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
          <div role="alert">{error && <p className={classes.problem}>{messageOf(error)}</p>}</div>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t("common:actions.cancel")}
            </Button>
            <Button type="submit" disabled={!ready} loading={add.isPending || change.isPending}>
              {t(hold ? "common:actions.save" : "holds.action")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

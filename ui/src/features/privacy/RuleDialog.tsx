import { Button, Group, Modal, NumberInput, SegmentedControl, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, useWrite } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { formatNumber, formatTime, messageOf, notifyDone } from "@/shared";
import { type Kept, PREVIEW, type Preview, RETENTION, RULE } from "./addresses";
import classes from "./Privacy.module.css";
import { nameOf } from "./retained";

const MOST_DAYS = 36_500;
const USUAL_DAYS = 365;

/** Changes for how long a class is kept; what that removes now is seen before it can be saved. */
export function RuleDialog({ kept, close }: { kept: Kept; close: () => void }) {
  const { t } = useTranslation(["privacy", "common"]);
  const slug = useSlug();
  const [days, setDays] = useState<number | string>(kept.days ?? USUAL_DAYS);
  const [action, setAction] = useState(kept.rule?.action ?? kept.actions[0] ?? "remove");
  const [asked] = useDebouncedValue(days, 250);
  const valid = typeof days === "number" && days >= 1 && days <= MOST_DAYS;
  const body = { name: kept.name, days: Number(asked), action };
  const preview = useQuery({
    queryKey: [PREVIEW, slug, body],
    queryFn: ({ signal }) => call("post", PREVIEW, { params: { path: { slug } }, body, signal }),
    enabled: valid && asked === days,
    gcTime: 0,
  });
  const name = nameOf(kept.name);
  const label = name ? t(`retention.class.${name}`) : kept.name;
  const done = (text: string) => () => {
    notifyDone(text);
    close();
  };
  const write = { meta: { quiet: true }, refresh: [RETENTION] as const };
  const save = useWrite("put", RULE, {
    ...write,
    onSuccess: done(t("retention.saved", { name: label })),
    onError: () => void preview.refetch(),
  });
  const drop = useWrite("delete", RULE, { ...write, onSuccess: done(t("retention.dropped", { name: label })) });
  const path = { slug, name: kept.name };
  const seen = valid && asked === days && !preview.isFetching ? preview.data : undefined;
  const error = save.error ?? drop.error ?? (valid ? preview.error : null);
  return (
    <Modal opened onClose={close} title={t("retention.title", { name: label })} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (seen) save.mutate({ params: { path }, body: { days: seen.days, action, rows: seen.rows } });
        }}
      >
        <Stack gap="md">
          {name && <p className={classes.text}>{t(`retention.about.${name}`)}</p>}
          <NumberInput
            label={t("retention.keepFor")}
            description={
              kept.default_days === null
                ? t("retention.noDefault")
                : t("retention.hasDefault", { count: kept.default_days, number: formatNumber(kept.default_days) })
            }
            suffix={` ${t("retention.unit")}`}
            min={1}
            max={MOST_DAYS}
            allowDecimal={false}
            clampBehavior="strict"
            value={days}
            onChange={setDays}
            data-autofocus
          />
          {kept.actions.length > 1 && (
            <SegmentedControl
              size="xs"
              fullWidth
              aria-label={t("retention.action")}
              data={kept.actions.map((value) => ({ value, label: t(`retention.choose.${value}`) }))}
              value={action}
              onChange={(value) => setAction(kept.actions.find((each) => each === value) ?? action)}
            />
          )}
          <Seen found={seen} />
          <div role="alert">{error && <p className={classes.problem}>{messageOf(error)}</p>}</div>
          <Group justify="space-between" gap="xs">
            {kept.rule ? (
              <Button variant="subtle" loading={drop.isPending} onClick={() => drop.mutate({ params: { path } })}>
                {t(kept.default_days === null ? "retention.keepForever" : "retention.useDefault")}
              </Button>
            ) : (
              <span />
            )}
            <Group gap="xs">
              <Button variant="default" onClick={close}>
                {t("common:actions.cancel")}
              </Button>
              <Button type="submit" {...(seen?.rows && { color: "red" })} disabled={!seen} loading={save.isPending}>
                {t("retention.save")}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What would go now, in words; a place of the same height while it is counted. */
function Seen({ found }: { found: Preview | undefined }) {
  const { t } = useTranslation("privacy");
  const { timezone } = useWorkspace();
  const numbers = found?.sample.map((one) => (typeof one === "number" ? `#${one}` : one)).join(", ");
  return (
    <div className={classes.seen} role="status">
      {!found && <p className={classes.quiet}>{t("retention.counting")}</p>}
      {found?.paused && <p className={classes.seenMain}>{t("retention.pausedText")}</p>}
      {found && !found.paused && !found.rows && <p className={classes.seenMain}>{t("retention.nothingText")}</p>}
      {found && found.rows > 0 && (
        <>
          <p className={classes.seenMain}>
            {t("retention.goes", { count: found.rows, number: formatNumber(found.rows) })}
            {found.people !== null &&
              ` · ${t("retention.ofPeople", { count: found.people, number: formatNumber(found.people) })}`}
          </p>
          {found.oldest && (
            <p className={classes.quiet}>
              {t("retention.oldest")} {formatTime(found.oldest, timezone)}
            </p>
          )}
          <p className={`${classes.quiet} numbers`}>
            {t("retention.sample")} {numbers}
          </p>
        </>
      )}
    </div>
  );
}

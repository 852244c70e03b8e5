import { Anchor, Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSlug } from "@/app/workspace";
import { MergeDialog } from "@/features/merging";
import classes from "./Details.module.css";
import { useHeld } from "./held";
import type { Person } from "./usePerson";

/** Below a value that identifies another person: who that is, and the way to make one of the two. */
export function HeldValue({ person, name }: { person: Person; name: string }) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const [merging, setMerging] = useState(false);
  const held = useHeld(person.number).find(({ field }) => field === name);
  // Whoever held it may be this person by now.
  if (!held || (held.holder !== null && person.merged.includes(held.holder))) return null;
  const { holder } = held;
  return (
    <div className={classes.rejected} role="alert">
      <IconAlertTriangle size={14} aria-hidden="true" />
      <span>
        {holder === null ? t("held.other") : t("held.text", { number: holder })}{" "}
        {holder !== null && (
          <span className={classes.heldActions}>
            <Anchor
              size="xs"
              renderRoot={(props) => <Link to="/w/$slug/people/$number" params={{ slug, number: holder }} {...props} />}
            >
              {t("held.open", { number: holder })}
            </Anchor>
            <Button variant="default" size="compact-xs" onClick={() => setMerging(true)}>
              {t("held.merge", { number: holder })}
            </Button>
          </span>
        )}
      </span>
      {merging && holder !== null && (
        <MergeDialog number={person.number} other={holder} close={() => setMerging(false)} />
      )}
    </div>
  );
}

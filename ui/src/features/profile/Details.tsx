import { Anchor, Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFields, useSlug, useWorkspace } from "@/app/workspace";
import { MaybeSame } from "@/features/merging";
import { CopyButton, formatTime, own, reasonText } from "@/shared";
import classes from "./Details.module.css";
import { type EditableProps, EditableValue } from "./EditableValue";
import { Habit } from "./Habit";
import { HeldValue } from "./HeldValue";
import { Provenance } from "./Provenance";
import { Row } from "./Row";
import { Section } from "./Section";
import { Tags } from "./Tags";
import { type Field, type Person, useShownFields } from "./usePerson";

/** A person's tags, their fields in the one order of the settings, and their identities. */
export function Details({ person, without }: FieldsProps) {
  return (
    <>
      <MaybeSame number={person.number} />
      <Tags person={person} />
      <Fields person={person} without={without} />
      <Traces person={person} />
    </>
  );
}

/** How often they come, what was refused of fields that are not shown, and how sources know them. */
export function Traces({ person }: { person: Person }) {
  return (
    <>
      <Habit person={person} />
      <StrayRejected person={person} />
      <Identities person={person} />
    </>
  );
}

interface FieldsProps {
  person: Person;
  /** Names of fields that are shown elsewhere. */
  without?: readonly string[] | undefined;
}

/** Fields with a value, or with one that was refused; the empty ones on request. */
export function Fields({ person, without = [] }: FieldsProps) {
  const { t } = useTranslation("profile");
  const [all, setAll] = useState(false);
  const fields = useShownFields().filter(({ name }) => !without.includes(name));
  const told = (field: Field) =>
    own(person.data, field.name) !== undefined || person.rejected.some((each) => each.key === field.name);
  const empty = fields.filter((field) => !told(field));
  return (
    <Section title={t("details.about")}>
      <dl className={classes.list}>
        {fields
          .filter((field) => all || told(field))
          .map((field) => (
            <Row key={field.name} name={field.label} title={field.description}>
              <FieldValue person={person} field={field} />
            </Row>
          ))}
        <Dates person={person} />
      </dl>
      {empty.length > 0 && (
        <Button
          className={classes.more}
          variant="subtle"
          size="compact-xs"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? t("details.fewer") : t("details.empty", { count: empty.length })}
        </Button>
      )}
    </Section>
  );
}

/** A field's value to be changed where it stands, and what is to be said of it. */
export function FieldValue({ person, field, beside }: EditableProps) {
  return (
    <>
      <EditableValue person={person} field={field} beside={beside} />
      <HeldValue person={person} name={field.name} />
      <Rejected person={person} name={field.name} />
    </>
  );
}

/** Times that the server works out: the person's own clock, and, of someone never seen, since when they are known. */
function Dates({ person }: { person: Person }) {
  const { t } = useTranslation("profile");
  const zone = typeof person.data.timezone === "string" ? person.data.timezone : undefined;
  const { timezone } = useWorkspace();
  return (
    <>
      {person.local_time && (
        <Row name={t("details.localTime")}>
          <span className={`${classes.value} numbers`}>{formatTime(person.local_time, zone)}</span>
        </Row>
      )}
      {person.data.first_seen === undefined && (
        <Row name={t("details.subscribed")}>
          <span className={`${classes.value} numbers`}>{formatTime(person.created_at, timezone)}</span>
        </Row>
      )}
    </>
  );
}

/** Values of a field that were not taken, and why. */
function Rejected({ person, name }: { person: Person; name: string }) {
  const { t } = useTranslation("profile");
  return person.rejected
    .filter((each) => each.key === name)
    .map((each) => (
      <p className={classes.rejected} key={each.at}>
        <IconAlertTriangle size={14} aria-hidden="true" />
        <span data-reason>{t("details.rejected", { value: asText(each.value), reason: reasonText(each) })}</span>
      </p>
    ));
}

/** Refused values of fields that are not shown, or that do not exist. */
function StrayRejected({ person }: { person: Person }) {
  const { t } = useTranslation("profile");
  const shown = new Set(useShownFields().map((field) => field.name));
  const labels = new Map(useFields().map((field) => [field.name, field.label]));
  const names = [...new Set(person.rejected.map((each) => each.key))].filter((name) => !shown.has(name));
  if (!names.length) return null;
  return (
    <Section title={t("details.refused")}>
      <dl className={classes.list}>
        {names.map((name) => (
          <Row key={name} name={labels.get(name) ?? name}>
            <Rejected person={person} name={name} />
          </Row>
        ))}
      </dl>
    </Section>
  );
}

/** The names by which channels and sources know the person. */
function Identities({ person }: { person: Person }) {
  const { t } = useTranslation("profile");
  return (
    <Section title={t("details.identities")}>
      <dl className={classes.list}>
        <Row name={t("details.number")}>
          <span className={`${classes.value} numbers`}>{person.number}</span>
        </Row>
        {person.identities.map(({ kind, value, since, origin }) => (
          <Row key={`${kind} ${value}`} name={t(`identity.${kind}` as "identity.email", { defaultValue: kind })}>
            <span className={classes.editable}>
              <Provenance origin={{ kind: origin, ref: "", at: since }}>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: by keyboard too one learns where it came from */}
                <span className={classes.value} tabIndex={0}>
                  {value}
                </span>
              </Provenance>
              <span className={classes.tools}>
                <CopyButton value={value} label={t("details.copy", { value })} />
              </span>
            </span>
          </Row>
        ))}
        {person.merged.length > 0 && (
          <Row name={t("details.merged")}>
            <MergedFrom numbers={person.merged} />
          </Row>
        )}
      </dl>
    </Section>
  );
}

/** The numbers that lead to this person, each with the way to its merge in the journal. */
function MergedFrom({ numbers }: { numbers: readonly number[] }) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  return (
    <span className={`${classes.value} numbers`}>
      {numbers.map((number, place) => (
        <Fragment key={number}>
          {place > 0 && ", "}
          <Anchor
            size="sm"
            title={t("details.mergeOf", { number })}
            renderRoot={(props) => (
              <Link to="/w/$slug/duplicates" params={{ slug }} search={{ show: "merges", person: number }} {...props} />
            )}
          >
            {number}
          </Anchor>
        </Fragment>
      ))}
    </span>
  );
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

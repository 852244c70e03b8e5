import { ActionIcon, Anchor, Button } from "@mantine/core";
import { IconCirclesRelation, IconHandClick, IconHelpCircle, IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas, useWrite } from "@/api";
import { useMay, useSlug, useWorkspace } from "@/app/workspace";
import { CreateDialog, SegmentPicker, useCause } from "@/features/segments";
import { ErrorState, notifyDone, RelativeTime, RowsSkeleton } from "@/shared";
import { Section } from "./Section";
import classes from "./Segments.module.css";
import { Why } from "./Why";

const OF_PERSON = "/api/v1/workspaces/{slug}/people/{number}/segments";
const ALL = "/api/v1/workspaces/{slug}/segments";
const MEMBERS = "/api/v1/workspaces/{slug}/segments/{segment}/members";

type Membership = Schemas["PersonSegmentOut"];

/** The segments that a person is in, since when and why; static ones to add and to remove; and why or why not. */
export function PersonSegments({ number }: { number: number }) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const mayWrite = useMay("segments:write");
  const [asked, setAsked] = useState<{ id: string }>();
  const segments = useQuery(read(OF_PERSON, { params: { path: { slug, number } } }));
  const members = useWrite("post", MEMBERS, { refresh: [OF_PERSON, ALL] });
  const move = (segment: { id: string; name: string }, into: boolean, undoable = true) =>
    members.mutate(
      { params: { path: { slug, segment: segment.id } }, body: into ? { add: [number] } : { remove: [number] } },
      {
        onSuccess: () => {
          const undo = undoable ? { undo: () => move(segment, !into, false) } : {};
          notifyDone(t(into ? "segments.added" : "segments.removed", { name: segment.name }), undo);
        },
      },
    );
  if (segments.isPending) return <RowsSkeleton rows={4} />;
  if (segments.isError) return <ErrorState error={segments.error} retry={() => void segments.refetch()} />;
  const inside = segments.data.items;
  return (
    <>
      <Section title={t("segments.title")}>
        {!inside.length && <p className={classes.none}>{t("segments.empty")}</p>}
        <ul className={classes.list}>
          {inside.map((each) => (
            <Row
              key={each.id}
              membership={each}
              explain={() => setAsked({ id: each.id })}
              remove={mayWrite && each.kind === "static" ? () => move(each, false) : undefined}
            />
          ))}
        </ul>
        {mayWrite && <AddToStatic number={number} inside={inside} add={(segment) => move(segment, true)} />}
      </Section>
      <Why number={number} asked={asked} />
    </>
  );
}

interface RowProps {
  membership: Membership;
  explain: () => void;
  remove: (() => void) | undefined;
}

function Row({ membership, explain, remove }: RowProps) {
  const { t } = useTranslation("profile");
  const { slug, timezone } = useWorkspace();
  const cause = useCause();
  const { id, name, kind, since } = membership;
  const Icon = kind === "static" ? IconHandClick : IconCirclesRelation;
  return (
    <li className={classes.row}>
      <Icon size={15} stroke={1.7} className={classes.icon} aria-hidden="true" />
      <div className={classes.body}>
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/w/$slug/segments/$segment" params={{ slug, segment: id }} {...props} />}
        >
          {name}
        </Anchor>
        <span className={classes.quiet}>
          {since && (
            <>
              {t("segments.since")} <RelativeTime at={since} zone={timezone} />
              {" · "}
            </>
          )}
          {cause(membership.cause, membership.ref)}
        </span>
      </div>
      {kind === "dynamic" && (
        <ActionIcon size="sm" aria-label={t("why.of", { name })} title={t("why.of", { name })} onClick={explain}>
          <IconHelpCircle size={15} />
        </ActionIcon>
      )}
      {remove && (
        <ActionIcon size="sm" aria-label={t("segments.remove", { name })} onClick={remove}>
          <IconX size={15} />
        </ActionIcon>
      )}
    </li>
  );
}

interface AddToStaticProps {
  number: number;
  inside: readonly Membership[];
  add: (segment: { id: string; name: string }) => void;
}

/** Puts the person into a static segment, or into a new one. */
function AddToStatic({ number, inside, add }: AddToStaticProps) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const [open, setOpen] = useState(false);
  const [creating, setCreating] = useState(false);
  const all = useQuery(read(ALL, { params: { path: { slug } } }));
  return (
    <>
      <Button
        variant="subtle"
        size="compact-xs"
        ml={-8}
        my={4}
        aria-expanded={open}
        leftSection={<IconPlus size={14} />}
        onClick={() => setOpen(!open)}
      >
        {t("segments.add")}
      </Button>
      <Button variant="subtle" size="compact-xs" my={4} onClick={() => setCreating(true)}>
        {t("segments.addNew")}
      </Button>
      {creating && <CreateDialog title={t("segments.addNew")} people={[number]} onClose={() => setCreating(false)} />}
      {open && (
        <SegmentPicker
          size="xs"
          hideLabel
          label={t("segments.add")}
          kind="static"
          without={inside.map(({ id }) => id)}
          value={[]}
          onChange={([id]) => {
            const chosen = all.data?.items.find((each) => each.id === id);
            if (chosen) add(chosen);
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

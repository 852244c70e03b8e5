import { ActionIcon, Button, Group, Textarea } from "@mantine/core";
import { IconNote, IconPencil, IconPin, IconPinnedFilled, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas, useWrite } from "@/api";
import { useMay, useSession, useSlug, useWorkspace } from "@/app/workspace";
import { EmptyState, ErrorState, notifyDone, RelativeTime, RowsSkeleton } from "@/shared";
import classes from "./Notes.module.css";

type Note = Schemas["NoteOut"];
const NOTES = "/api/v1/workspaces/{slug}/people/{number}/notes";
const NOTE = "/api/v1/workspaces/{slug}/people/{number}/notes/{note}";

/** What the team has written about a person: pinned notes first, then the newest. */
export function Notes({ number }: { number: number }) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const mayWrite = useMay("people:write");
  const notes = useQuery(read(NOTES, { params: { path: { slug, number } } }));
  const box = useRef<HTMLDivElement>(null);
  const add = useWrite("post", NOTES, { refresh: [NOTES] });
  return (
    <div ref={box} className={classes.notes}>
      {mayWrite && (
        <NoteForm
          label={t("notes.new")}
          submit={t("notes.add")}
          busy={add.isPending}
          save={(text, done) =>
            add.mutate({ params: { path: { slug, number } }, body: { text, pinned: false } }, { onSuccess: done })
          }
        />
      )}
      {notes.isPending && <RowsSkeleton rows={3} />}
      {notes.isError && <ErrorState error={notes.error} retry={() => void notes.refetch()} />}
      {notes.data?.items.length === 0 && (
        <EmptyState
          icon={<IconNote size={22} />}
          title={t("notes.empty")}
          text={t("notes.emptyText")}
          action={
            mayWrite && (
              <Button variant="default" onClick={() => box.current?.querySelector("textarea")?.focus()}>
                {t("notes.new")}
              </Button>
            )
          }
        />
      )}
      <ul className={classes.list}>
        {notes.data?.items.map((note) => (
          <NoteItem key={note.id} number={number} note={note} />
        ))}
      </ul>
    </div>
  );
}

function NoteItem({ number, note }: { number: number; note: Note }) {
  const { t } = useTranslation("profile");
  const { slug, timezone, role } = useWorkspace();
  const { user } = useSession();
  const mayWrite = useMay("people:write");
  const [editing, setEditing] = useState(false);
  const change = useWrite("patch", NOTE, { refresh: [NOTES] });
  const remove = useWrite("delete", NOTE, { refresh: [NOTES] });
  const again = useWrite("post", NOTES, { refresh: [NOTES] });
  const mine = note.by === `user:${user.id}`;
  const mayChange = mayWrite && (mine || role === "owner" || role === "admin");
  const params = { path: { slug, number, note: note.id } };
  const take = () => {
    // Only a note of one's own can be written again under the same name.
    const body = { text: note.text, pinned: note.pinned };
    const undo = mine ? { undo: () => again.mutate({ params: { path: { slug, number } }, body }) } : {};
    remove.mutate({ params }, { onSuccess: () => notifyDone(t("notes.deleted"), undo) });
  };
  if (editing) {
    return (
      <li className={classes.note}>
        <NoteForm
          label={t("notes.edit")}
          submit={t("notes.save")}
          first={note.text}
          busy={change.isPending}
          cancel={() => setEditing(false)}
          save={(text) => change.mutate({ params, body: { text } }, { onSuccess: () => setEditing(false) })}
        />
      </li>
    );
  }
  return (
    <li className={classes.note} data-pinned={note.pinned || undefined}>
      <div className={classes.head}>
        <strong>{note.author}</strong>
        <span className={classes.quiet}>
          <RelativeTime at={note.created_at} zone={timezone} />
          {note.edited_at && ` · ${t("notes.edited")}`}
        </span>
        <span className={classes.tools}>
          {mayWrite && (
            <ActionIcon
              size="sm"
              aria-label={t(note.pinned ? "notes.unpin" : "notes.pin")}
              aria-pressed={note.pinned}
              onClick={() => change.mutate({ params, body: { pinned: !note.pinned } })}
            >
              {note.pinned ? <IconPinnedFilled size={14} /> : <IconPin size={14} />}
            </ActionIcon>
          )}
          {mayChange && (
            <>
              <ActionIcon size="sm" aria-label={t("notes.edit")} onClick={() => setEditing(true)}>
                <IconPencil size={14} />
              </ActionIcon>
              <ActionIcon size="sm" aria-label={t("notes.delete")} loading={remove.isPending} onClick={take}>
                <IconTrash size={14} />
              </ActionIcon>
            </>
          )}
        </span>
      </div>
      <p className={classes.text}>{note.text}</p>
    </li>
  );
}

interface NoteFormProps {
  label: string;
  submit: string;
  first?: string;
  busy: boolean;
  cancel?: () => void;
  /** `done` empties the form. */
  save: (text: string, done: () => void) => void;
}

function NoteForm({ label, submit, first = "", busy, cancel, save }: NoteFormProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(first);
  const store = () => text.trim() && save(text.trim(), () => setText(""));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) store();
    if (event.key === "Escape" && (cancel || text)) {
      event.stopPropagation();
      if (cancel) cancel();
      else event.currentTarget.querySelector("textarea")?.blur();
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the text inside
    <div className={classes.form} onKeyDown={onKeyDown}>
      <Textarea
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        autosize
        minRows={2}
        maxRows={12}
        maxLength={10_000}
        autoFocus={cancel !== undefined}
      />
      {(text.trim() || cancel) && (
        <Group gap={8} mt={8} justify="flex-end">
          {cancel && (
            <Button variant="default" onClick={cancel}>
              {t("actions.cancel")}
            </Button>
          )}
          <Button onClick={store} loading={busy} disabled={!text.trim()}>
            {submit}
          </Button>
        </Group>
      )}
    </div>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { keyOf, read, type Schemas, useWrite } from "@/api";
import { useFields, useSlug } from "@/app/workspace";
import { SUGGESTIONS } from "@/features/merging";
import { notifyDone, OWN_CHANGE, own, patchListed } from "@/shared";
import { useNoteHeld } from "./held";

export type Person = Schemas["PersonOut"];
export type Field = Schemas["FieldOut"];
type Change = Schemas["PersonChange"];

const PERSON = "/api/v1/workspaces/{slug}/people/{number}";
const SEGMENTS = "/api/v1/workspaces/{slug}/people/{number}/segments";
const SESSION = "/api/v1/workspaces/{slug}/people/{number}/last-session";
const EXPLAIN = "/api/v1/workspaces/{slug}/people/{number}/explain";

/** All that is known about a person. */
export function usePerson(number: number) {
  const slug = useSlug();
  return useQuery(read(PERSON, { params: { path: { slug, number } } }));
}

/** Changes a person. The answer is shown at once; lists and segments follow. Failures are the caller's to show. */
export function useChange(number: number) {
  const slug = useSlug();
  const client = useQueryClient();
  const params = { path: { slug, number } };
  const note = useNoteHeld(number);
  const { mutateAsync } = useWrite("patch", PERSON, {
    meta: { quiet: true },
    mutationKey: OWN_CHANGE,
    refresh: [SEGMENTS, SESSION, EXPLAIN, SUGGESTIONS],
    onSuccess: (person, { body }) => {
      client.setQueryData(keyOf(PERSON, { path: { slug, number } }), person);
      patchListed(client, slug, person);
      note(touchedBy(body), person.warnings);
    },
  });
  return (body: Change) => mutateAsync({ params, body });
}

/** Saves one field and offers to take it back. `raw` null clears it. Rejects with ApiError. */
export function useSaveField(person: Person) {
  const { t } = useTranslation("profile");
  const change = useChange(person.number);
  const loud = useLoudChange(person.number);
  return async (field: Field, raw: unknown) => {
    const before = own(person.data, field.name);
    await change(oneField(field.name, raw));
    const words = { field: field.label };
    notifyDone(t(raw === null ? "field.cleared" : "field.saved", words), {
      undo: () => loud(oneField(field.name, before ?? null)),
    });
  };
}

function touchedBy({ set, clear }: Change): string[] {
  return [...Object.keys(set ?? {}), ...(clear ?? [])];
}

function oneField(name: string, raw: unknown): Change {
  return raw === null ? { clear: [name] } : { set: { [name]: raw as never } };
}

/** As `useChange`, for buttons: a failure shows a toast. */
export function useLoudChange(number: number) {
  const slug = useSlug();
  const client = useQueryClient();
  const note = useNoteHeld(number);
  const { mutate } = useWrite("patch", PERSON, {
    mutationKey: OWN_CHANGE,
    refresh: [SEGMENTS, SESSION, EXPLAIN, SUGGESTIONS],
    onSuccess: (person, { body }) => {
      client.setQueryData(keyOf(PERSON, { path: { slug, number } }), person);
      patchListed(client, slug, person);
      note(touchedBy(body), person.warnings);
    },
  });
  return (body: Change, done?: () => void) =>
    mutate({ params: { path: { slug, number } }, body }, { onSuccess: () => done?.() });
}

/** Fields that are shown, in the order of the settings. */
export function useShownFields(): readonly Field[] {
  return useFields().filter((field) => field.visible && field.name !== "tags" && field.name !== "banned");
}

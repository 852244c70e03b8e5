import { IconCirclesRelation, IconForms, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { PARTS as TOOLS } from "@/features/jobs/parts";
import { PARTS } from "@/features/settings/parts";
import { useFoundPeople } from "@/shared/findPeople";
import { fieldName } from "@/shared/sentences";
import { PLACES } from "../features";
import { useFields, useMay, useSlug, useWorkspace } from "../workspace";
import type { Found } from "./types";

const MOST = 6;

/** The places of the left menu; the pages under Tools and of the settings too, once something is searched for. */
function usePages(query: string): Found[] {
  const { t } = useTranslation();
  const { t: jobs } = useTranslation("jobs");
  const { t: settings } = useTranslation("settings");
  const { slug, permissions } = useWorkspace();
  const navigate = useNavigate();
  const places = PLACES.filter((place) => permissions.includes(place.permission)).map(({ key, to, icon }) => ({
    id: `page-${key}`,
    label: t(`places.${key}`),
    icon,
    run: () => void navigate({ to, params: { slug } }),
  }));
  const parts = PARTS.filter((part) => query !== "" && permissions.includes(part.permission)).map(
    ({ key, to, icon }) => ({
      id: `settings-${key}`,
      label: settings(`parts.${key}`),
      description: t("places.settings"),
      icon,
      run: () => void navigate({ to, params: { slug } }),
    }),
  );
  const tools = TOOLS.filter((part) => query !== "" && permissions.includes(part.permission)).map(
    ({ key, to, icon }) => ({
      id: `tools-${key}`,
      label: jobs(`parts.${key}`),
      description: t("places.tools"),
      icon,
      run: () => void navigate({ to, params: { slug } }),
    }),
  );
  return [...places, ...tools, ...parts].filter(({ label }) => has(label, query));
}

function usePeople(query: string): Found[] {
  const slug = useSlug();
  const navigate = useNavigate();
  const { people, behind } = useFoundPeople(query, MOST);
  // Answers to less text stay only as far as they fit: Enter must not take someone whom nobody searches for any more.
  const found = people.filter(({ values }) => !behind || has(Object.values(values).join(" "), query));
  return found.map(({ number, values }) => {
    const [label, description] = [values.name, values.email, values.phone, values.user_id, `#${number}`].filter(
      Boolean,
    );
    return {
      id: `person-${number}`,
      label: String(label),
      description: description === undefined ? undefined : String(description),
      icon: IconUser,
      run: () => void navigate({ to: "/w/$slug/people/$number", params: { slug, number } }),
    };
  });
}

function useSegments(query: string): Found[] {
  const slug = useSlug();
  const navigate = useNavigate();
  const { data } = useQuery({
    ...read("/api/v1/workspaces/{slug}/segments", { params: { path: { slug } } }),
    enabled: useMay("segments:read"),
  });
  return (data?.items ?? [])
    .filter(({ name, starred }) => (query ? has(name, query) : starred))
    .slice(0, MOST)
    .map(({ id, name }) => ({
      id,
      label: name,
      icon: IconCirclesRelation,
      run: () => void navigate({ to: "/w/$slug/segments/$segment", params: { slug, segment: id } }),
    }));
}

/** Choosing a field lists those who have a value in it. */
function useFoundFields(query: string): Found[] {
  const slug = useSlug();
  const navigate = useNavigate();
  const fields = useFields();
  if (!query) return [];
  return fields
    .filter(({ name, label }) => has(label, query) || has(name, query))
    .slice(0, MOST)
    .map(({ name, label }) => ({
      id: `field-${name}`,
      label: label || name,
      description: label && label !== name ? name : undefined,
      icon: IconForms,
      run: () =>
        void navigate({ to: "/w/$slug/people", params: { slug }, search: { where: `${fieldName(name)} is known` } }),
    }));
}

function has(text: string, query: string): boolean {
  return text.toLowerCase().includes(query.toLowerCase());
}

/** What the palette searches, in the order in which it shows it. Each is a hook: text in, finds out. */
export const SOURCES = [
  { key: "pages", useFound: usePages },
  { key: "people", useFound: usePeople },
  { key: "segments", useFound: useSegments },
  { key: "fields", useFound: useFoundFields },
] as const satisfies readonly { key: string; useFound: (query: string) => Found[] }[];

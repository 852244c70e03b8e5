import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { useMay, useSlug } from "@/app/workspace";

const FAR_MS = 5 * 60_000;

/**
 * Names of those who did something, by `user:usr_...`, `key:key_...` or the id alone: members and keys, as far as the
 * reader may know them; null for everyone else.
 */
export function useNames(): (ref: string) => string | null {
  const slug = useSlug();
  const params = { params: { path: { slug } } };
  const { data: members } = useQuery({
    ...read("/api/v1/workspaces/{slug}/members", params),
    enabled: useMay("members:read"),
    staleTime: FAR_MS,
  });
  const { data: keys } = useQuery({
    ...read("/api/v1/workspaces/{slug}/keys", params),
    enabled: useMay("keys:manage"),
    staleTime: FAR_MS,
  });
  return useMemo(() => {
    const names = new Map(keys?.map(({ id, name }) => [id, name]));
    for (const { id, name, email } of members ?? []) names.set(id, name || email);
    return (ref) => names.get(ref.replace(/^(user|key):/, "")) ?? null;
  }, [members, keys]);
}

/** Who did something, as people say it: a member or a key by name, others by what they are. */
export function useAuthors(): (by: string) => string {
  const { t } = useTranslation();
  const nameOf = useNames();
  return (by) => {
    const [kind, name] = [kindOf(by), nameOf(by)];
    if (name === null) return t(`author.${kind}`);
    return kind === "key" ? t("author.keyNamed", { name }) : name;
  };
}

function kindOf(by: string): "cli" | "key" | "other" {
  if (by === "cli") return "cli";
  return by.startsWith("key:") ? "key" : "other";
}

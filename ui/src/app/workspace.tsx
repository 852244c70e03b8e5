import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { createRoute, lazyRouteComponent, notFound, redirect } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isLoggedOut, read, type Schemas } from "@/api";
import { offerLanguage } from "@/i18n";
import { keep } from "@/shared/storage";
import { CrashPage } from "./CrashPage";
import { MissingPage } from "./MissingPage";
import { type RouterContext, rootRoute } from "./root";

export type Workspace = Schemas["WorkspaceOut"];
export type Session = Schemas["SessionOut"];

export const sessionQuery = { ...read("/api/v1/session"), staleTime: 5 * 60_000 };

/** Who is logged in; sends to the login page when nobody is. For `beforeLoad` of routes. */
export async function sessionOrLogin(context: RouterContext, next: string): Promise<Session> {
  try {
    return await context.client.ensureQueryData(sessionQuery);
  } catch (error) {
    if (isLoggedOut(error)) throw redirect({ to: "/login", search: { next } });
    throw error;
  }
}

/** Everything of one workspace: the shell with the left menu. Features hang their routes below it. */
export const workspaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "w/$slug",
  beforeLoad: async ({ context, params, location, preload }) => {
    const session = await sessionOrLogin(context, location.href);
    const workspace = session.workspaces.find((each) => each.slug === params.slug);
    if (!workspace) throw notFound();
    keep("workspace", workspace.slug);
    if (!preload) await offerLanguage(workspace.language);
    return { workspace };
  },
  component: lazyRouteComponent(() => import("./shell/Shell"), "Shell"),
  notFoundComponent: MissingPage,
  errorComponent: CrashPage,
});

/** The workspace of the page, with its time zone and what the reader may do in it. */
export function useWorkspace(): Workspace {
  const { slug } = workspaceRoute.useParams();
  const { data } = useSuspenseQuery(sessionQuery);
  const found = data.workspaces.find((each) => each.slug === slug);
  if (!found) throw notFound();
  return found;
}

/** The workspace's short name, as addresses of the API want it. */
export function useSlug(): string {
  return workspaceRoute.useParams().slug;
}

/** Whether the reader has a permission here, by its name in accounts/permissions.py. The server checks it again. */
export function useMay(permission: string): boolean {
  return useWorkspace().permissions.includes(permission);
}

/** Who is logged in. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** All fields of the workspace, built-in ones first; kept for a while, since every page needs them. */
export function useFields(): readonly Schemas["FieldOut"][] {
  const slug = useSlug();
  const { t } = useTranslation();
  const query = useQuery({
    ...read("/api/v1/workspaces/{slug}/fields", { params: { path: { slug } } }),
    staleTime: 60_000,
  });
  return useMemo(() => query.data?.map((field) => inWords(field, t)) ?? NO_FIELDS, [query.data, t]);
}
const NO_FIELDS: readonly Schemas["FieldOut"][] = [];

/** A field with its words in the reader's language; a label that the workspace has given stays as it is. */
export function inWords(field: Schemas["FieldOut"], t: TFunction): Schemas["FieldOut"] {
  const { name, label, description, group, kind, renamed } = field;
  const word = (part: "name" | "about" | "group", key: string, own: string): string =>
    t(`builtin.${part}.${key}` as "builtin.name.city", { defaultValue: own });
  if (kind !== "builtin") return { ...field, group: word("group", group, group) };
  return {
    ...field,
    label: renamed ? label : word("name", name, label),
    description: word("about", name, description),
    group: word("group", group, group),
  };
}

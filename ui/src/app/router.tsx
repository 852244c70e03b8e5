import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { accountRoutes } from "@/features/accounts/routes";
import { exportRoutes } from "@/features/exports/routes";
import { importRoutes } from "@/features/imports/routes";
import { jobRoutes, toolsRoute } from "@/features/jobs/routes";
import { mergingRoutes } from "@/features/merging/routes";
import { peopleRoutes } from "@/features/people/routes";
import { privacyRoutes } from "@/features/privacy/routes";
import { profileRoutes } from "@/features/profile/routes";
import { segmentRoutes } from "@/features/segments/routes";
import { settingsRoutes } from "@/features/settings/routes";
import { kept } from "@/shared/storage";
import { makeQueryClient, whenLoggedOut } from "./queryClient";
import { rootRoute } from "./root";
import { sessionOrLogin, workspaceRoute } from "./workspace";

const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: async ({ context }) => {
    const { workspaces } = await sessionOrLogin(context, "/");
    const workspace = workspaces.find((each) => each.slug === kept("workspace")) ?? workspaces[0];
    if (!workspace) throw redirect({ to: "/welcome" });
    throw redirect({ to: "/w/$slug/people", params: { slug: workspace.slug } });
  },
});

const workspaceStartRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/w/$slug/people", params });
  },
});

const tree = rootRoute.addChildren([
  startRoute,
  ...accountRoutes,
  workspaceRoute.addChildren([
    workspaceStartRoute,
    ...peopleRoutes,
    ...profileRoutes,
    ...segmentRoutes,
    toolsRoute.addChildren([...jobRoutes, ...importRoutes, ...exportRoutes, ...mergingRoutes, ...privacyRoutes]),
    ...settingsRoutes,
  ]),
]);

export const queryClient = makeQueryClient();

export const router = createRouter({
  routeTree: tree,
  context: { client: queryClient },
  defaultPreload: "intent",
  // TanStack Query decides what is fresh.
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 300,
  scrollRestoration: true,
});

whenLoggedOut(() => void router.invalidate());

// Focus goes to the new page, as it would if the browser had loaded it. A change of the search alone leaves it.
router.subscribe("onResolved", ({ fromLocation, pathChanged }) => {
  if (fromLocation && pathChanged && !document.querySelector("[aria-modal='true']")) {
    document.getElementById("main")?.focus({ preventScroll: true });
  }
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

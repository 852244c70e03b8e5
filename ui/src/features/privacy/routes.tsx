import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { toolsRoute } from "@/features/jobs/routes";
import { words } from "@/i18n/words";

/** What of the page is shown. */
export interface PrivacySearch {
  show?: "retention" | "register";
}

const privacyRoute = createRoute({
  getParentRoute: () => toolsRoute,
  path: "privacy",
  validateSearch: ({ show }: Record<string, unknown>): PrivacySearch =>
    show === "register" || show === "retention" ? { show } : {},
  loader: async () => {
    await Promise.all([words("privacy"), words("profile")]);
  },
  component: lazyRouteComponent(() => import("./PrivacyPage"), "PrivacyPage"),
});

export const privacyRoutes = [privacyRoute] as const;

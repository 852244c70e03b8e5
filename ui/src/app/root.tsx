import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext } from "@tanstack/react-router";
import { CrashPage } from "./CrashPage";
import { MissingPage } from "./MissingPage";

export interface RouterContext {
  client: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  notFoundComponent: MissingPage,
  errorComponent: CrashPage,
});

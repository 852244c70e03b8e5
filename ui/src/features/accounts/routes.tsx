import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { sessionOrLogin } from "@/app/workspace";
import { words } from "@/i18n/words";
import { safeNext } from "./safeNext";

const loader = () => words("accounts");

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "login",
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const next = safeNext(search.next);
    return next ? { next } : {};
  },
  loader,
  component: lazyRouteComponent(() => import("./LoginPage"), "LoginPage"),
});

const signUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "signup",
  loader,
  component: lazyRouteComponent(() => import("./SignUpPage"), "SignUpPage"),
});

const requestResetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "reset",
  loader,
  component: lazyRouteComponent(() => import("./RequestResetPage"), "RequestResetPage"),
});

const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "reset/$key",
  loader,
  component: lazyRouteComponent(() => import("./ResetPage"), "ResetPage"),
});

const confirmRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "confirm-email/$key",
  loader,
  component: lazyRouteComponent(() => import("./ConfirmEmailPage"), "ConfirmEmailPage"),
});

const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "welcome",
  beforeLoad: async ({ context }) => {
    await sessionOrLogin(context, "/welcome");
  },
  loader,
  component: lazyRouteComponent(() => import("./WelcomePage"), "WelcomePage"),
});

export const accountRoutes = [
  loginRoute,
  signUpRoute,
  requestResetRoute,
  resetRoute,
  confirmRoute,
  welcomeRoute,
] as const;

import { localStorageColorSchemeManager, MantineProvider, mergeThemeOverrides } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { theme, variables } from "@/theme";
import { styleNonce } from "./nonce";
import { queryClient, router } from "./router";

const schemes = localStorageColorSchemeManager({ key: "coterie.scheme" });

const Toasts = lazy(() => import("./Toasts"));

export function App() {
  return (
    <MantineProvider
      theme={useNamedTheme()}
      cssVariablesResolver={variables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Suspense>
          <RouterProvider router={router} />
        </Suspense>
        <Suspense>
          <Toasts />
        </Suspense>
        <div id="announcer" className="unseen" aria-live="polite" aria-atomic="true" />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** The theme, with names in the reader's language for the buttons that Mantine makes by itself. */
function useNamedTheme() {
  const { t } = useTranslation();
  const close = t("actions.close");
  return useMemo(
    () =>
      mergeThemeOverrides(theme, {
        components: { Modal: { defaultProps: { closeButtonProps: { "aria-label": close } } } },
      }),
    [close],
  );
}

import type en from "./en";

/**
 * The words of all namespaces, for typed keys. A feature adds its own from its `i18n/index.ts`:
 *
 *     declare module "@/i18n/resources" { interface Resources { people: typeof import("./en").default } }
 */
export interface Resources {
  common: typeof en;
}

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: Resources;
  }
}

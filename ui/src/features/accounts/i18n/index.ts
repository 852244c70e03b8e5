declare module "@/i18n/resources" {
  interface Resources {
    accounts: typeof import("./en").default;
  }
}

export {};

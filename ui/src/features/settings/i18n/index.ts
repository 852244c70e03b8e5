declare module "@/i18n/resources" {
  interface Resources {
    settings: typeof import("./en").default;
  }
}

export {};

declare module "@/i18n/resources" {
  interface Resources {
    charts: typeof import("./en").default;
  }
}

export {};

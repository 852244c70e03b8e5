declare module "@/i18n/resources" {
  interface Resources {
    privacy: typeof import("./en").default;
  }
}

export {};

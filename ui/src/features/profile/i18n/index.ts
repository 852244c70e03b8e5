declare module "@/i18n/resources" {
  interface Resources {
    profile: typeof import("./en").default;
  }
}

export {};

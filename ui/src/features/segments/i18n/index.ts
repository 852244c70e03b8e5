declare module "@/i18n/resources" {
  interface Resources {
    segments: typeof import("./en").default;
  }
}

export {};

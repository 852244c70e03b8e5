declare module "@/i18n/resources" {
  interface Resources {
    merging: typeof import("./en").default;
  }
}

export {};

declare module "@/i18n/resources" {
  interface Resources {
    jobs: typeof import("./en").default;
  }
}

export {};

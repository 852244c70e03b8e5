declare module "@/i18n/resources" {
  interface Resources {
    exports: typeof import("./en").default;
  }
}

export {};

declare module "@/i18n/resources" {
  interface Resources {
    imports: typeof import("./en").default;
  }
}

export {};

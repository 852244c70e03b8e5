declare module "@/i18n/resources" {
  interface Resources {
    people: typeof import("./en").default;
  }
}

export {};

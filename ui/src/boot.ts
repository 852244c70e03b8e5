// Runs before the first paint: a dark reader must not be shown a white page. No imports: it is a plain script.
{
  const root = document.documentElement;
  const stored = (key: string): string | null => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is closed to us in some private windows
    }
  };
  const wanted = stored("coterie.scheme");
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.mantineColorScheme = dark ? "dark" : "light";
  root.dataset.density = stored("coterie.density") === "comfortable" ? "comfortable" : "compact";
  root.lang = stored("coterie.language") ?? (navigator.language.startsWith("de") ? "de" : "en");
}

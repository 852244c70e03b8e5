import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.layer.css";
import "./tokens.css";
import "./global.css";
import "./mantine.css";

const iris: MantineColorsTuple = [
  "#eef0fd",
  "#dcdffa",
  "#b9c0f4",
  "#95a0ee",
  "#7683e6",
  "#5b69da",
  "#4452c0",
  "#3b48ac",
  "#303b8f",
  "#262f70",
];
const grey: MantineColorsTuple = [
  "#f7f7f8",
  "#f1f1f4",
  "#e5e5ea",
  "#d2d2da",
  "#b3b4be",
  "#8b8d9a",
  "#686b79",
  "#575966",
  "#393b45",
  "#1c1d22",
];
const dark: MantineColorsTuple = [
  "#ececf1",
  "#b0b2bd",
  "#9597a4",
  "#6a6c79",
  "#3b3d48",
  "#2a2b33",
  "#202127",
  "#18191e",
  "#131419",
  "#0d0e11",
];

export const theme = createTheme({
  primaryColor: "iris",
  primaryShade: { light: 6, dark: 6 },
  colors: { iris, gray: grey, dark },
  white: "#ffffff",
  black: "#1c1d22",
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--font-mono)",
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.125rem", lineHeight: "1.4" },
      h2: { fontSize: "0.9375rem", lineHeight: "1.4" },
      h3: { fontSize: "0.8125rem", lineHeight: "1.4" },
    },
  },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  radius: { xs: "3px", sm: "5px", md: "6px", lg: "10px", xl: "16px" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", comboboxProps: { shadow: "md" } } },
    // The placeholder is a focusable child of role=menu, which axe finds fault with; the first entry takes focus.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, shadow: "md", transitionProps: { duration: 80 } } },
    Modal: {
      defaultProps: {
        // Near the top, always: a dialog that grows while it is filled in does not move.
        yOffset: "min(9dvh, 80px)",
        radius: "lg",
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.35, blur: 0 },
      },
    },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false } },
    Table: { defaultProps: { verticalSpacing: "xs" } },
  },
});

/** Mantine's own colours, pointed at ours: one place decides both. */
export const variables: CSSVariablesResolver = () => {
  const ours = {
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-2)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-placeholder": "var(--ink-3)",
    "--mantine-color-anchor": "var(--accent-ink)",
    "--mantine-color-error": "var(--bad)",
    "--mantine-color-red-filled": "var(--bad-fill)",
    "--mantine-color-red-filled-hover": "var(--bad-fill-hover)",
    "--mantine-color-red-light": "var(--bad-soft)",
    "--mantine-color-red-light-hover": "var(--bad-soft)",
    "--mantine-color-red-light-color": "var(--bad)",
    "--mantine-color-green-light": "var(--good-soft)",
    "--mantine-color-green-light-hover": "var(--good-soft)",
    "--mantine-color-green-light-color": "var(--good)",
    "--mantine-color-orange-light": "var(--warn-soft)",
    "--mantine-color-orange-light-hover": "var(--warn-soft)",
    "--mantine-color-orange-light-color": "var(--warn)",
    "--mantine-primary-color-light-color": "var(--accent-ink)",
    "--mantine-shadow-md": "var(--shadow-2)",
    "--mantine-shadow-xl": "var(--shadow-2)",
  };
  return { variables: {}, light: ours, dark: { ...ours, "--mantine-color-body": "var(--surface)" } };
};

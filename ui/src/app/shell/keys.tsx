const isApple = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The key for "mod": command on Apple's machines, control elsewhere. */
export function ModKey() {
  return isApple ? "⌘" : "Ctrl";
}

/** Three circles that overlap: three segments and their seven regions. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" focusable="false">
      <circle cx="12" cy="8.25" r="5.75" fill="var(--region-a)" fillOpacity="0.82" />
      <circle cx="8.25" cy="14.75" r="5.75" fill="var(--region-b)" fillOpacity="0.72" />
      <circle cx="15.75" cy="14.75" r="5.75" fill="var(--region-c)" fillOpacity="0.72" />
      <path
        d="M12 9.2c1.35.95 2.3 2.4 2.55 4.05-.78.37-1.64.58-2.55.58s-1.77-.21-2.55-.58C9.7 11.6 10.65 10.15 12 9.2Z"
        fill="#fff"
        fillOpacity="0.95"
      />
    </svg>
  );
}

import { useTranslation } from "react-i18next";
import { formatNumber } from "./format";

/** A whole number with separators and digits of one width. */
export function Count({ value }: { value: number }) {
  useTranslation();
  return <span className="numbers">{formatNumber(value)}</span>;
}

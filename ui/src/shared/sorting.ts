import type { DndContextProps, UniqueIdentifier } from "@dnd-kit/core";
import { useTranslation } from "react-i18next";

/** What a screen reader is told while fields are put into another order; places count from 1. */
export function useSortingWords(
  labelOf: (id: UniqueIdentifier) => string,
  placeOf: (id: UniqueIdentifier) => number,
): NonNullable<DndContextProps["accessibility"]> {
  const { t } = useTranslation();
  return {
    screenReaderInstructions: { draggable: t("sorting.help") },
    announcements: {
      onDragStart: ({ active }) => t("sorting.taken", { field: labelOf(active.id) }),
      onDragOver: ({ active, over }) =>
        over ? t("sorting.over", { field: labelOf(active.id), place: placeOf(over.id) }) : undefined,
      onDragEnd: ({ active, over }) =>
        t("sorting.dropped", { field: labelOf(active.id), place: placeOf(over?.id ?? active.id) }),
      onDragCancel: ({ active }) => t("sorting.back", { field: labelOf(active.id) }),
    },
  };
}

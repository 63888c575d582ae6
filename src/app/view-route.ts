/** The parts of the page that the address can name. `panel` is a view of its own on narrow screens only. */
export const VIEWS = ["search", "passages", "workbench", "embed", "models", "panel"] as const;
export type View = (typeof VIEWS)[number];

/** The view that a fragment such as `#passages` names; `fallback` for any other. */
export function viewOf(fragment: string, fallback: View): View {
  return VIEWS.find((view) => fragment === `#${view}`) ?? fallback;
}

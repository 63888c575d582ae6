/**
 * What a Content-Security-Policy must allow for sunwi, all else being forbidden. `run.ts` proves that each of it is
 * enough, and that nothing of it can be left out.
 */

/** Sources by directive. */
export type Policy = Readonly<Record<string, readonly string[]>>;

const NOTHING_ELSE = { "default-src": ["'none'"] };

/** For files on the page's own origin, `'self'` in both directives. `worker-src` falls back to `script-src`. */
export const OWN_ORIGIN_POLICY: Policy = {
  ...NOTHING_ELSE,
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "connect-src": ["'self'"],
};

/**
 * For files on another origin. The worker starts from a blob, in which the page's policy holds, and what it imports
 * counts as a worker's script. `'self'` is for the page's own script.
 * @param cdn origin of the files
 * @param isIsolated whether the page is cross-origin isolated: ONNX Runtime then has threads, for which it imports its
 *   loader from a blob
 */
export function cdnPolicy(cdn: string, isIsolated: boolean): Policy {
  return {
    ...NOTHING_ELSE,
    "script-src": ["'self'", cdn, "'wasm-unsafe-eval'", ...(isIsolated ? ["blob:"] : [])],
    "worker-src": ["blob:", cdn],
    "connect-src": [cdn],
  };
}

export function headerOf(policy: Policy): string {
  return Object.entries(policy)
    .map(([directive, sources]) => [directive, ...sources].join(" "))
    .join("; ");
}

/** The policy without one source, for each that is not there for the page itself. */
export function withoutOneSource(policy: Policy): readonly { readonly missing: string; readonly policy: Policy }[] {
  return Object.entries(policy).flatMap(([directive, sources]) =>
    sources
      .filter((source) => source !== "'none'" && !(directive === "script-src" && source === "'self'"))
      .map((source) => ({
        missing: `${directive} ${source}`,
        policy: { ...policy, [directive]: orNone(sources.filter((one) => one !== source)) },
      })),
  );
}

function orNone(sources: readonly string[]): readonly string[] {
  return sources.length > 0 ? sources : ["'none'"];
}

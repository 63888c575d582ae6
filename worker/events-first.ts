/**
 * Runs `body` with a `tell` that passes events on, and waits for the last of them: events travel by a port of their
 * own, and the result could overtake them.
 */
export async function withEventsFirst<Event, T>(
  onEvent: (event: Event) => unknown,
  body: (tell: (event: Event) => void) => Promise<T>,
): Promise<T> {
  let lastTold: unknown;
  try {
    return await body((event) => {
      lastTold = onEvent(event);
    });
  } finally {
    await Promise.resolve(lastTold).catch(() => undefined);
  }
}

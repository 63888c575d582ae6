/** An answer before it is a `Response`: plain, so that it crosses threads. */
export interface HttpAnswer {
  readonly status: number;
  /** Turned into JSON. */
  readonly body: unknown;
}

export function toResponse({ status, body }: HttpAnswer): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", ...(status === 405 && { Allow: "POST" }) },
  });
}

/**
 * The thread between the page and the network: answers the page's API through a page that serves, and makes hosts
 * without the right headers fit for threads. It stores nothing, so that its newest version may take over at once.
 */
import { endpointBase, CLAIM } from "../src/endpoint/relay-protocol.ts";
import { routeOf } from "../src/endpoint/routes.ts";
import { needsHeaders, withHeaders } from "./service/isolation.ts";
import { relay } from "./service/relay.ts";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener("message", (event) => {
  if (event.data === CLAIM) event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { scope } = self.registration;
  const route = routeOf(new URL(request.url), endpointBase(scope));
  // A page that lies there may be looked at.
  if (route && request.mode !== "navigate") event.respondWith(relay(self.clients, request, route, event.clientId));
  else if (needsHeaders(request) && request.url.startsWith(scope)) event.respondWith(isolated(event));
});

async function takeOver(): Promise<void> {
  // Pages need not wait for this thread to start; some browsers do not know it.
  const preload = self.registration.navigationPreload as NavigationPreloadManager | undefined;
  await preload?.enable();
  await self.clients.claim();
}

async function isolated(event: FetchEvent): Promise<Response> {
  const preloaded = (await event.preloadResponse) as Response | undefined;
  return withHeaders(preloaded ?? (await fetch(event.request)));
}

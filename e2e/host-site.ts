/** A site with a search of its own, for the element to be put on: what a server or a script of the owner's would show. */
import type { Page } from "@playwright/test";
import type { Interceptor } from "./static-server.ts";

export interface HostDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** Ten pages of a shop; none was written with the model at hand. */
export const PAGES: readonly HostDocument[] = [
  { id: "p1", title: "배송 안내", text: "주문 확인 뒤 이틀 안에 출고합니다. 배송 조회는 주문 내역에서 합니다." },
  { id: "p2", title: "교환과 반품", text: "받은 날부터 7일 안에 교환이나 반품을 신청할 수 있습니다." },
  { id: "p3", title: "환불은 언제 되나요", text: "반품한 상품이 도착하면 사흘 안에 결제한 방법으로 환불합니다." },
  { id: "p4", title: "회원 등급", text: "여섯 달 동안의 구매 금액으로 회원 등급을 정합니다." },
  { id: "p5", title: "쿠폰 쓰는 방법", text: "결제 화면에서 쿠폰을 고르면 값이 바로 빠집니다." },
  { id: "p6", title: "비밀번호를 잊었을 때", text: "로그인 화면의 비밀번호 찾기에서 새 비밀번호를 정합니다." },
  { id: "p7", title: "배송지 바꾸기", text: "출고 전이라면 주문 내역에서 배송지를 바꿀 수 있습니다." },
  { id: "p8", title: "현금 영수증", text: "결제할 때 휴대전화 번호를 적으면 현금 영수증을 발급합니다." },
  { id: "p9", title: "선물 포장", text: "장바구니에서 선물 포장을 고르면 상자에 담아 보냅니다." },
  { id: "p10", title: "고객 센터", text: "평일 아홉 시부터 여섯 시까지 전화와 채팅으로 답합니다." },
];

export interface HostOptions {
  /** Attributes of `<sunwi-rerank>` beside `for` and `query-from`. */
  readonly attributes?: string;
  /** Where the list lies: in the page, or in an open shadow root. */
  readonly inShadow?: boolean;
  /** Where the element's script comes from. @default "./element.js" */
  readonly script?: string;
  readonly csp?: string;
}

/**
 * The page at "/": a search box that lists all pages, those without the query's first word last, rendered anew for each
 * input. `?q=` is searched for at once.
 */
export function hostSite({
  attributes = "",
  inShadow = false,
  script = "./element.js",
  csp,
}: HostOptions = {}): Interceptor {
  const html = `<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>가게</title></head><body>
<label>찾기 <input id="q" type="search"></label>
<sunwi-rerank for="#results" query-from="#q" text="h3, p" ${attributes}></sunwi-rerank>
<main>${inShadow ? "<shop-results></shop-results>" : '<ul id="results"></ul>'}</main>
<script type="module" src="${script}"></script><script type="module" src="./host.js"></script></body></html>`;
  return ({ url = "/" }, response) => {
    const [path] = url.split("?");
    if (path === "/") {
      const headers = { "Content-Type": "text/html; charset=utf-8", ...(csp && { "Content-Security-Policy": csp }) };
      response.writeHead(200, headers).end(html);
      return true;
    }
    if (path !== "/host.js") return false;
    response.writeHead(200, { "Content-Type": "text/javascript; charset=utf-8" }).end(HOST_SCRIPT);
    return true;
  };
}

const HOST_SCRIPT = `
const pages = ${JSON.stringify(PAGES)};
const holder = document.querySelector("shop-results");
if (holder) holder.attachShadow({ mode: "open" }).innerHTML = '<ul id="results"></ul>';
const list = (holder?.shadowRoot ?? document).querySelector("#results");
const box = document.querySelector("#q");
globalThis.search = (query) => {
  const word = query.split(" ")[0];
  const has = ({ title, text }) => (title + text).includes(word);
  const found = [...pages.filter(has), ...pages.filter((page) => !has(page))];
  list.replaceChildren(...(query === "" ? [] : found.map(({ id, title, text }) => {
    const item = document.createElement("li");
    item.id = id;
    const [heading, body] = [document.createElement("h3"), document.createElement("p")];
    const link = document.createElement("a");
    link.href = "#" + id;
    link.textContent = title;
    heading.append(link);
    body.textContent = text;
    item.append(heading, body);
    return item;
  })));
};
globalThis.events = [];
for (const name of ["sunwi-reranked", "sunwi-error", "sunwi-off"]) {
  document.addEventListener(name, ({ detail }) => {
    globalThis.events.push({
      name,
      ...(detail.error && { code: detail.error.code }),
      ...(detail.reason && { reason: detail.reason }),
      ...(detail.after && {
        applied: detail.applied,
        before: detail.before.map(({ id }) => id),
        after: detail.after.map(({ id }) => id),
      }),
    });
  });
}
box.addEventListener("input", () => search(box.value.trim()));
const asked = new URLSearchParams(location.search).get("q");
if (asked !== null) { box.value = asked; search(asked); }
`;

/** Ids of the list's items as they stand. */
export function orderOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const list = (document.querySelector("shop-results")?.shadowRoot ?? document).querySelector("#results");
    return Array.from(list?.children ?? [], ({ id }) => id);
  });
}

export interface HostEvent {
  readonly name: string;
  readonly code?: string;
  readonly reason?: string;
  readonly applied?: boolean;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

export function eventsOf(page: Page): Promise<readonly HostEvent[]> {
  return page.evaluate(() => (globalThis as unknown as { events: HostEvent[] }).events);
}

import { css, html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import Papa from "papaparse";
import type { ListedItem } from "./list-reranker.ts";
import {
  documentId,
  forgetJudgements,
  judgementRows,
  keepJudgement,
  readJudgements,
  type JudgedDocument,
  type JudgedQuery,
} from "./judgements.ts";

interface PanelMessages {
  readonly heading: string;
  readonly none: string;
  readonly marked: (queries: number) => string;
  readonly download: string;
  readonly clear: string;
}

const KO: PanelMessages = {
  heading: "정답 표시 (운영자용)",
  none: "검색하면 그 결과가 여기에 나옵니다. 맞는 결과에 표시해 주세요.",
  marked: (queries) => `정답을 표시한 검색어 ${String(queries)}개. 이 브라우저에만 남습니다.`,
  download: "평가용 CSV 내려받기",
  clear: "모두 지우기",
};

const EN: PanelMessages = {
  heading: "Mark right results (for the owner)",
  none: "Search, and the results are listed here. Mark those that are right.",
  marked: (queries) => `${String(queries)} queries marked. They stay in this browser.`,
  download: "Download a CSV for the evaluation",
  clear: "Delete all",
};

const LONGEST_LABEL = 80;

/** The owner's mode of `<sunwi-rerank>`: each listed result with a box to mark it as right. */
export class SunwiJudgements extends LitElement {
  static override properties: PropertyDeclarations = {
    query: {},
    items: { attribute: false },
    judged: { state: true },
  };
  static override styles = css`
    ol {
      margin: 0.5em 0;
      padding-left: 2em;
      max-height: 20em;
      overflow: auto;
    }
    label {
      display: inline-flex;
      gap: 0.5em;
    }
    button {
      font: inherit;
      min-height: 2em;
    }
  `;
  declare query: string;
  /** In the page's own order. */
  declare items: readonly ListedItem[];
  declare judged: readonly JudgedQuery[];

  constructor() {
    super();
    this.query = "";
    this.items = [];
    this.judged = readJudgements();
  }

  protected override render(): TemplateResult {
    const t = (this.closest("[lang]")?.getAttribute("lang") ?? document.documentElement.lang).startsWith("en")
      ? EN
      : KO;
    const documents = this.#documents();
    return html`
      <details open>
        <summary>${t.heading}</summary>
        ${
          documents.length === 0
            ? html`<p>${t.none}</p>`
            : html`<ol>
                ${documents.map(
                  ({ id, text, isRight }, at) => html`
                    <li>
                      <label>
                        <input
                          type="checkbox"
                          .checked=${isRight}
                          @change=${(event: Event) => {
                            this.#mark(at, (event.target as HTMLInputElement).checked);
                          }}
                        />
                        ${text.slice(0, LONGEST_LABEL) || id}
                      </label>
                    </li>
                  `,
                )}
              </ol>`
        }
        <p role="status">${t.marked(this.judged.length)}</p>
        <button type="button" ?disabled=${this.judged.length === 0} @click=${this.#download}>${t.download}</button>
        <button
          type="button"
          ?disabled=${this.judged.length === 0}
          @click=${() => {
            this.judged = forgetJudgements();
          }}
        >
          ${t.clear}
        </button>
      </details>
    `;
  }

  #documents(): readonly JudgedDocument[] {
    const known = this.judged.find(({ query }) => query === this.query);
    const right = new Set(known?.documents.flatMap(({ id, isRight }) => (isRight ? [id] : [])));
    return this.items.map(({ element, text }) => {
      const id = documentId(element, text);
      return { id, text, isRight: right.has(id) };
    });
  }

  #mark(at: number, isRight: boolean): void {
    const documents = this.#documents().map((document, index) => (index === at ? { ...document, isRight } : document));
    this.judged = keepJudgement({ query: this.query, documents });
  }

  readonly #download = (): void => {
    const csv = Papa.unparse([...judgementRows(this.judged)], { newline: "\r\n" });
    const link = document.createElement("a");
    // Excel takes a CSV for UTF-8 only with a byte order mark.
    link.href = URL.createObjectURL(new Blob([`\ufeff${csv}`], { type: "text/csv;charset=utf-8" }));
    link.download = "sunwi-judgements.csv";
    link.click();
    setTimeout(() => {
      URL.revokeObjectURL(link.href);
    }, 10_000);
  };
}

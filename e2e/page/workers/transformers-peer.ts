/**
 * transformers.js as its documentation has it used for rerankers: one padded batch of query and documents, raw logits. Its
 * own bundle and its own ONNX Runtime, from where the benchmark serves them.
 */
interface Tensor {
  tolist(): number[][];
}
interface Transformers {
  readonly env: {
    allowLocalModels: boolean;
    remoteHost: string;
    readonly backends: { readonly onnx: { readonly wasm: { wasmPaths: string; numThreads: number } } };
  };
  readonly AutoTokenizer: { from_pretrained(id: string): Promise<(texts: string[], options: object) => object> };
  readonly AutoModelForSequenceClassification: {
    from_pretrained(id: string, options: object): Promise<(inputs: object) => Promise<{ readonly logits: Tensor }>>;
  };
}

export interface PeerLoad {
  readonly type: "load";
  /** Folder with transformers.min.js and ONNX Runtime's files, ending in a slash. */
  readonly vendorUrl: string;
  /** Stands in for the hub. */
  readonly hubUrl: string;
  readonly model: string;
  readonly dtype: string;
  readonly device: string;
  readonly threads: number;
}
export interface PeerScore {
  readonly type: "score";
  readonly query: string;
  readonly documents: readonly string[];
}

const BATCH = 20;
let score: ((query: string, documents: readonly string[]) => Promise<number[]>) | undefined;

async function load({ vendorUrl, hubUrl, model, dtype, device, threads }: PeerLoad): Promise<void> {
  const transformers = (await import(/* @vite-ignore */ `${vendorUrl}transformers.min.js`)) as Transformers;
  const { env, AutoTokenizer, AutoModelForSequenceClassification } = transformers;
  env.allowLocalModels = false;
  env.remoteHost = hubUrl;
  env.backends.onnx.wasm.wasmPaths = vendorUrl;
  env.backends.onnx.wasm.numThreads = threads;
  const tokenizer = await AutoTokenizer.from_pretrained(model);
  const classify = await AutoModelForSequenceClassification.from_pretrained(model, { dtype, device });
  score = async (query, documents) => {
    const logits: number[] = [];
    for (let start = 0; start < documents.length; start += BATCH) {
      const batch = documents.slice(start, start + BATCH);
      const queries = batch.map(() => query);
      const inputs = tokenizer(queries, { text_pair: batch, padding: true, truncation: true });
      const output = await classify(inputs);
      logits.push(...output.logits.tolist().flat());
    }
    return logits;
  };
}

self.onmessage = async ({ data }: MessageEvent<PeerLoad | PeerScore>) => {
  try {
    if (data.type === "load") await load(data);
    self.postMessage({ logits: data.type === "score" ? await score?.(data.query, data.documents) : [] });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};

import { RerankError } from "../src/core/errors.ts";
import type { Architecture, Family } from "./architecture.ts";
import type { TensorSource } from "./safetensors.ts";

/** y = x Wᵀ + b, as PyTorch stores it. */
export interface Linear {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** [outFeatures, inFeatures] */
  readonly weight: Float32Array;
  /** [outFeatures] */
  readonly bias: Float32Array;
}

export interface LayerNorm {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** All of the embeddings but the words', which are too many to be read at once. */
export interface EmbeddingTables {
  /** [positions, hiddenSize] */
  readonly positions: Float32Array;
  /** [tokenTypeRows, hiddenSize] */
  readonly tokenTypes: Float32Array;
  readonly norm: LayerNorm;
}

export interface EncoderLayer {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly attentionOutput: Linear;
  readonly attentionNorm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly outputNorm: LayerNorm;
}

export interface ClassifierHead {
  readonly dense: Linear;
  /** One logit. */
  readonly projection: Linear;
}

/** Products of a layer: name in `EncoderLayer` → name in the checkpoint. */
const LAYER_LINEARS = {
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  attentionOutput: "attention.output.dense",
  intermediate: "intermediate.dense",
  output: "output.dense",
} as const;
const LAYER_NORMS = { attentionNorm: "attention.output.LayerNorm", outputNorm: "output.LayerNorm" } as const;

/** Where a family keeps its parts. BERT's pooler is the dense layer of its head. */
interface Names {
  readonly encoder: string;
  readonly dense: string;
  readonly projection: string;
}
const ROBERTA: Names = { encoder: "roberta", dense: "classifier.dense", projection: "classifier.out_proj" };
const NAMES: Readonly<Record<Family, Names>> = {
  "xlm-roberta": ROBERTA,
  "sunwi-mini": ROBERTA,
  bert: { encoder: "bert", dense: "bert.pooler.dense", projection: "classifier" },
};

type Shapes = Map<string, readonly number[]>;

/**
 * The tensors of a RobertaForSequenceClassification or a BertForSequenceClassification, read part by part, so that a
 * large model never lies in memory.
 */
export class EncoderWeights {
  readonly parameters: number;
  readonly #tensors: TensorSource;
  readonly #architecture: Architecture;
  readonly #names: Names;

  /** @throws RerankError `model-invalid`, naming the tensors that are missing or of another shape */
  constructor(tensors: TensorSource, architecture: Architecture) {
    const shapes = expectedShapes(architecture);
    this.#names = NAMES[architecture.family];
    checkHead(tensors, this.#names);
    checkShapes(tensors, shapes);
    this.#tensors = tensors;
    this.#architecture = architecture;
    this.parameters = [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  }

  /** Word embeddings [count, hiddenSize] from row `start` on. */
  async wordRows(start: number, count: number): Promise<Float32Array<ArrayBuffer>> {
    return await this.#tensors.readRows(`${this.#names.encoder}.embeddings.word_embeddings.weight`, start, count);
  }

  async embeddings(): Promise<EmbeddingTables> {
    const prefix = `${this.#names.encoder}.embeddings`;
    return {
      positions: await this.#tensors.read(`${prefix}.position_embeddings.weight`),
      tokenTypes: await this.#tensors.read(`${prefix}.token_type_embeddings.weight`),
      norm: await this.#norm(`${prefix}.LayerNorm`),
    };
  }

  /** @param index from 0 */
  async layer(index: number): Promise<EncoderLayer> {
    const { hiddenSize: hidden, intermediateSize: wide } = this.#architecture;
    const name = layerName(this.#names, index);
    return {
      query: await this.#linear(`${name}.${LAYER_LINEARS.query}`, hidden, hidden),
      key: await this.#linear(`${name}.${LAYER_LINEARS.key}`, hidden, hidden),
      value: await this.#linear(`${name}.${LAYER_LINEARS.value}`, hidden, hidden),
      attentionOutput: await this.#linear(`${name}.${LAYER_LINEARS.attentionOutput}`, hidden, hidden),
      attentionNorm: await this.#norm(`${name}.${LAYER_NORMS.attentionNorm}`),
      intermediate: await this.#linear(`${name}.${LAYER_LINEARS.intermediate}`, hidden, wide),
      output: await this.#linear(`${name}.${LAYER_LINEARS.output}`, wide, hidden),
      outputNorm: await this.#norm(`${name}.${LAYER_NORMS.outputNorm}`),
    };
  }

  async head(): Promise<ClassifierHead> {
    const { hiddenSize: hidden } = this.#architecture;
    return {
      dense: await this.#linear(this.#names.dense, hidden, hidden),
      projection: await this.#linear(this.#names.projection, hidden, 1),
    };
  }

  async #linear(name: string, inFeatures: number, outFeatures: number): Promise<Linear> {
    const weight = await this.#tensors.read(`${name}.weight`);
    return { inFeatures, outFeatures, weight, bias: await this.#tensors.read(`${name}.bias`) };
  }

  async #norm(name: string): Promise<LayerNorm> {
    return { weight: await this.#tensors.read(`${name}.weight`), bias: await this.#tensors.read(`${name}.bias`) };
  }
}

function layerName({ encoder }: Names, index: number): string {
  return `${encoder}.encoder.layer.${String(index)}`;
}

/** Every tensor the compiler needs, with its shape. */
export function expectedShapes(architecture: Architecture): ReadonlyMap<string, readonly number[]> {
  const { hiddenSize: hidden, intermediateSize: wide } = architecture;
  const names = NAMES[architecture.family];
  const embeddings = `${names.encoder}.embeddings`;
  const shapes: Shapes = new Map();
  shapes.set(`${embeddings}.word_embeddings.weight`, [architecture.vocabularySize, hidden]);
  shapes.set(`${embeddings}.position_embeddings.weight`, [architecture.positions, hidden]);
  shapes.set(`${embeddings}.token_type_embeddings.weight`, [architecture.tokenTypeRows, hidden]);
  addNorm(shapes, `${embeddings}.LayerNorm`, hidden);
  for (let layer = 0; layer < architecture.layers; layer++) {
    for (const [part, name] of Object.entries(LAYER_LINEARS)) {
      const out = part === "intermediate" ? wide : hidden;
      addLinear(shapes, `${layerName(names, layer)}.${name}`, part === "output" ? wide : hidden, out);
    }
    for (const name of Object.values(LAYER_NORMS)) addNorm(shapes, `${layerName(names, layer)}.${name}`, hidden);
  }
  addLinear(shapes, names.dense, hidden, hidden);
  addLinear(shapes, names.projection, hidden, 1);
  return shapes;
}

function addLinear(shapes: Shapes, name: string, inFeatures: number, outFeatures: number): void {
  shapes.set(`${name}.weight`, [outFeatures, inFeatures]).set(`${name}.bias`, [outFeatures]);
}

function addNorm(shapes: Shapes, name: string, features: number): void {
  shapes.set(`${name}.weight`, [features]).set(`${name}.bias`, [features]);
}

function checkHead({ tensors }: TensorSource, { projection }: Names): void {
  const logits = tensors.get(`${projection}.weight`)?.shape[0] ?? 1;
  if (logits === 1) return;
  throw invalid(
    `The checkpoint gives ${String(logits)} logits for a pair, and a reranker gives one. ` +
      "Take a checkpoint that was fine-tuned with num_labels = 1.",
  );
}

function checkShapes({ tensors }: TensorSource, shapes: ReadonlyMap<string, readonly number[]>): void {
  const problems: string[] = [];
  for (const [name, shape] of shapes) {
    const found = tensors.get(name)?.shape;
    if (found === undefined) problems.push(`${name} is missing`);
    else if (found.join() !== shape.join()) problems.push(`${name} is [${found.join()}] instead of [${shape.join()}]`);
  }
  if (problems.length === 0) return;
  const more = problems.length > 5 ? `, and ${String(problems.length - 5)} more` : "";
  throw invalid(
    `The checkpoint's tensors do not fit its config.json: ${problems.slice(0, 5).join("; ")}${more}. ` +
      "It must hold a sequence classification model with the sizes that config.json states.",
  );
}

function invalid(message: string): RerankError {
  return new RerankError("model-invalid", message, { details: { problem: message } });
}

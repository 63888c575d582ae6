import { RerankError } from "../src/core/errors.ts";
import type { Architecture } from "./architecture.ts";
import type { SafetensorsFile } from "./safetensors.ts";

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

export interface EmbeddingTables {
  /** [vocabularySize, hiddenSize] */
  readonly words: Float32Array;
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
const EMBEDDINGS = "roberta.embeddings";

type Shapes = Map<string, readonly number[]>;

/** The tensors of RobertaForSequenceClassification, read part by part, so that a large model never lies in memory. */
export class EncoderWeights {
  readonly parameters: number;
  readonly #file: SafetensorsFile;
  readonly #architecture: Architecture;

  /** @throws RerankError `model-invalid`, naming the tensors that are missing or of another shape */
  constructor(file: SafetensorsFile, architecture: Architecture) {
    const shapes = expectedShapes(architecture);
    checkHead(file);
    checkShapes(file, shapes);
    this.#file = file;
    this.#architecture = architecture;
    this.parameters = [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  }

  async embeddings(): Promise<EmbeddingTables> {
    return {
      words: await this.#file.read(`${EMBEDDINGS}.word_embeddings.weight`),
      positions: await this.#file.read(`${EMBEDDINGS}.position_embeddings.weight`),
      tokenTypes: await this.#file.read(`${EMBEDDINGS}.token_type_embeddings.weight`),
      norm: await this.#norm(`${EMBEDDINGS}.LayerNorm`),
    };
  }

  /** @param index from 0 */
  async layer(index: number): Promise<EncoderLayer> {
    const { hiddenSize: hidden, intermediateSize: wide } = this.#architecture;
    const name = layerName(index);
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
      dense: await this.#linear("classifier.dense", hidden, hidden),
      projection: await this.#linear("classifier.out_proj", hidden, 1),
    };
  }

  async #linear(name: string, inFeatures: number, outFeatures: number): Promise<Linear> {
    const weight = await this.#file.read(`${name}.weight`);
    return { inFeatures, outFeatures, weight, bias: await this.#file.read(`${name}.bias`) };
  }

  async #norm(name: string): Promise<LayerNorm> {
    return { weight: await this.#file.read(`${name}.weight`), bias: await this.#file.read(`${name}.bias`) };
  }
}

function layerName(index: number): string {
  return `roberta.encoder.layer.${String(index)}`;
}

/** Every tensor the compiler needs, with its shape. */
export function expectedShapes(architecture: Architecture): ReadonlyMap<string, readonly number[]> {
  const { hiddenSize: hidden, intermediateSize: wide } = architecture;
  const shapes: Shapes = new Map();
  shapes.set(`${EMBEDDINGS}.word_embeddings.weight`, [architecture.vocabularySize, hidden]);
  shapes.set(`${EMBEDDINGS}.position_embeddings.weight`, [architecture.positions, hidden]);
  shapes.set(`${EMBEDDINGS}.token_type_embeddings.weight`, [architecture.tokenTypeRows, hidden]);
  addNorm(shapes, `${EMBEDDINGS}.LayerNorm`, hidden);
  for (let layer = 0; layer < architecture.layers; layer++) {
    for (const [part, name] of Object.entries(LAYER_LINEARS)) {
      const out = part === "intermediate" ? wide : hidden;
      addLinear(shapes, `${layerName(layer)}.${name}`, part === "output" ? wide : hidden, out);
    }
    for (const name of Object.values(LAYER_NORMS)) addNorm(shapes, `${layerName(layer)}.${name}`, hidden);
  }
  addLinear(shapes, "classifier.dense", hidden, hidden);
  addLinear(shapes, "classifier.out_proj", hidden, 1);
  return shapes;
}

function addLinear(shapes: Shapes, name: string, inFeatures: number, outFeatures: number): void {
  shapes.set(`${name}.weight`, [outFeatures, inFeatures]).set(`${name}.bias`, [outFeatures]);
}

function addNorm(shapes: Shapes, name: string, features: number): void {
  shapes.set(`${name}.weight`, [features]).set(`${name}.bias`, [features]);
}

function checkHead(file: SafetensorsFile): void {
  const logits = file.tensors.get("classifier.out_proj.weight")?.shape[0] ?? 1;
  if (logits === 1) return;
  throw invalid(
    `The checkpoint gives ${String(logits)} logits for a pair, and a reranker gives one. ` +
      "Take a checkpoint that was fine-tuned with num_labels = 1.",
  );
}

function checkShapes(file: SafetensorsFile, shapes: ReadonlyMap<string, readonly number[]>): void {
  const problems: string[] = [];
  for (const [name, shape] of shapes) {
    const found = file.tensors.get(name)?.shape;
    if (found === undefined) problems.push(`${name} is missing`);
    else if (found.join() !== shape.join()) problems.push(`${name} is [${found.join()}] instead of [${shape.join()}]`);
  }
  if (problems.length === 0) return;
  const more = problems.length > 5 ? `, and ${String(problems.length - 5)} more` : "";
  throw invalid(
    `The checkpoint's tensors do not fit its config.json: ${problems.slice(0, 5).join("; ")}${more}. ` +
      "It must hold a RobertaForSequenceClassification with the sizes that config.json states.",
  );
}

function invalid(message: string): RerankError {
  return new RerankError("model-invalid", message, { details: { problem: message } });
}

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256 over both texts, by which a pair's score is kept. */
export function pairKey(query: string, document: string): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify([query, document]))));
}

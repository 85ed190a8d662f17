/** SHA-256 and its HMAC in the form that AWS's signer takes, computed by Node. */
import { Hash } from "@smithy/hash-node";

export class Sha256 extends Hash {
  /** @param secret makes it an HMAC */
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super("sha256", secret);
  }
}

/** Runs an operation, and keeps what it changed. */
import type { Target } from "../protocols/protocol";
import { type Call, isReadOnly } from "./service";

/** @throws ServiceError, or an error of the file system when the account can't be saved */
export async function operate(call: Call<unknown>, { operation }: Target): Promise<unknown> {
  try {
    return await operation.run(call);
  } finally {
    // Also after an error: what it left changed is there for whoever asks next.
    if (!isReadOnly(operation)) {
      await call.account.save();
    }
  }
}

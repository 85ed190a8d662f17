/** The errors that a client gets to see. Whoever throws one names AWS's code; the protocol writes it down. */

/** An error of a service's model, answered in the form of the service's wire protocol. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";

  /**
   * @param code the error code of the service model, e.g. `ResourceNotFoundException`
   * @param status the HTTP status
   * @param members further members of the modelled error, e.g. Lambda's `Type`
   * @param messageKey rest-json only: what the model calls the message
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = 400,
    readonly members: Readonly<Record<string, unknown>> = {},
    readonly messageKey: "message" | "Message" = "message",
  ) {
    super(message);
  }
}

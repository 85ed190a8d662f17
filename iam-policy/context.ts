/** The condition keys of one request. A list marks a multi-valued key, such as `cognito-identity.amazonaws.com:amr`. */

export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;
